/** What of the page is needed to copy; the page's own, save in tests. */
export interface Copying {
  readonly document: Pick<
    Document,
    'addEventListener' | 'removeEventListener' | 'execCommand'
  >;
  /** Not there without TLS, save on the machine itself. */
  readonly clipboard: Pick<Clipboard, 'writeText'> | undefined;
}

/** Put a text on the clipboard, also of a page that was not fetched over TLS; tells whether it is there. */
export async function copyText(
  text: string,
  { document, clipboard }: Copying = own()
): Promise<boolean> {
  if (copyAtOnce(text, document)) {
    return true;
  }
  if (clipboard === undefined) {
    return false;
  }
  return clipboard.writeText(text).then(
    () => true,
    () => false
  );
}

function copyAtOnce(text: string, document: Copying['document']): boolean {
  let isPut = false;
  const put = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
    isPut = event.clipboardData !== null;
  };
  document.addEventListener('copy', put, true);
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    return document.execCommand('copy') && isPut;
  } finally {
    document.removeEventListener('copy', put, true);
  }
}

function own(): Copying {
  // The types do not know of pages without TLS.
  const { clipboard } = navigator as { readonly clipboard?: Clipboard };
  return { document, clipboard };
}
