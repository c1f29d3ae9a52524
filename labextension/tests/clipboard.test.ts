import { Copying, copyText } from '../src/text/clipboard';

type Listener = (event: ClipboardEvent) => void;

/** A page that lets texts be copied, or does not. */
function page(lets: boolean): {
  readonly on: string[];
  readonly document: Copying['document'];
} {
  const listeners: Listener[] = [];
  const on: string[] = [];
  const event = {
    clipboardData: { setData: (_: string, text: string) => on.push(text) },
    preventDefault: () => undefined,
    stopImmediatePropagation: () => undefined
  } as unknown as ClipboardEvent;
  const document = {
    addEventListener: (_: string, listener: Listener) => listeners.push(listener),
    removeEventListener: (_: string, listener: Listener) =>
      listeners.splice(listeners.indexOf(listener), 1),
    execCommand: () => {
      if (lets) {
        listeners.forEach(listener => listener(event));
      }
      return lets;
    }
  } as unknown as Copying['document'];
  return { on, document };
}

function clipboard(lets: boolean): {
  readonly on: string[];
  writeText: Clipboard['writeText'];
} {
  const on: string[] = [];
  return {
    on,
    writeText: text => {
      on.push(text);
      return lets ? Promise.resolve() : Promise.reject(new Error('not allowed'));
    }
  };
}

test('a text is copied also where there is no TLS', async () => {
  const { on, document } = page(true);
  expect(await copyText('one', { document, clipboard: undefined })).toBe(true);
  expect(await copyText('two', { document, clipboard: undefined })).toBe(true);
  expect(on).toEqual(['one', 'two']);
});

test('where the page refuses, the browser is asked', async () => {
  const { document } = page(false);
  const asked = clipboard(true);
  expect(await copyText('one', { document, clipboard: asked })).toBe(true);
  expect(asked.on).toEqual(['one']);
});

test('that nothing was copied is told', async () => {
  const { document } = page(false);
  expect(await copyText('one', { document, clipboard: clipboard(false) })).toBe(false);
  expect(await copyText('one', { document, clipboard: undefined })).toBe(false);
});
