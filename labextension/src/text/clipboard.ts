/** Put a text on the clipboard, also of a page that was not fetched over TLS. */
export function copyText(text: string): void {
  const put = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener('copy', put, true);
  try {
    // navigator.clipboard is not there without TLS, save on the machine itself.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    document.execCommand('copy');
  } finally {
    document.removeEventListener('copy', put, true);
  }
}
