/** A file to be judged, and where it can be seen. */
export interface Picture {
  readonly name: string;
  readonly bytes: Blob;
  /** Shows it. */
  readonly url: string;
}

/** The bytes that files of images begin with; a dot stands for any. */
const BEGINNINGS = [/^\x89PNG\r\n/, /^\xff\xd8\xff/, /^GIF8/, /^BM/, /^RIFF[\s\S]{4}WEBP/];
const LONGEST = 12;

/** Whether a file is an image of a kind that the server reads, whatever it is called. */
export async function isImage(bytes: Blob): Promise<boolean> {
  const beginning = new Uint8Array(await bytes.slice(0, LONGEST).arrayBuffer());
  const text = String.fromCharCode(...beginning);
  return BEGINNINGS.some(one => one.test(text));
}
