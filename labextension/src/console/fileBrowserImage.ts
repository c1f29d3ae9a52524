import type { Contents } from '@jupyterlab/services';

/** Read a file of the file browser, whatever drive it is on. */
export async function readImage(contents: Contents.IManager, path: string): Promise<Blob> {
  const file = await contents.get(path, { type: 'file', format: 'base64', content: true });
  const text = atob(String(file.content).replace(/\s/g, ''));
  const bytes = Uint8Array.from(text, character => character.charCodeAt(0));
  return new Blob([bytes], file.mimetype ? { type: file.mimetype } : {});
}
