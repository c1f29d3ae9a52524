import { Target, predictPath, rawQuery } from '../api/client';
import type { Question } from './question';
import { pythonText, pythonValue, shellWord } from './quoting';

/** Where code sends its requests. */
export interface Door {
  readonly address: string;
  /** Whose token it wants; null for none. */
  readonly token: 'jupyter' | 'server' | null;
  /** Of its gRPC, where that is known. */
  readonly grpc?: string;
  /** Its gRPC wants a token, too. */
  readonly grpcToken?: boolean;
}

/** A request as code: where to, and what. */
interface Posted {
  readonly url: string;
  /** A body as text; none for a file. */
  readonly text?: string;
  /** The body as Python, if that reads better than the text. */
  readonly python?: string;
  readonly file?: string;
}

function posted(address: string, question: Question, target: Target, top: number): Posted {
  if (question.kind === 'json') {
    return { url: `${address}/${predictPath(target)}`, text: question.body };
  }
  if (question.kind === 'image') {
    const query = rawQuery(target, top).toString();
    return { url: `${address}/predict?${query}`, file: question.picture.name };
  }
  const { model, version, label } = target;
  const body = {
    text: question.text,
    model,
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(label === undefined ? {} : { label }),
    k: top
  };
  return {
    url: `${address}/predict`,
    text: JSON.stringify(body),
    python: `json.dumps(${pythonValue(body)})`
  };
}

/** A line for the shell, safe to paste whatever is in it. */
export function curlCode(
  { address, token: wanted }: Door,
  question: Question,
  target: Target,
  top: number
): string {
  const { url, text, file } = posted(address, question, target, top);
  const body =
    file === undefined
      ? `-d ${shellWord(text ?? '')}`
      : `--data-binary ${shellWord(`@${file}`)}`;
  const token = wanted ? '-H "Authorization: Bearer $TFS_TOKEN" ' : '';
  return `curl ${token}${body} ${shellWord(url)}`;
}

/** A script for Python's standard library alone. */
export function pythonCode(
  { address, token: wanted }: Door,
  question: Question,
  target: Target,
  top: number
): string {
  const { url, text, python, file } = posted(address, question, target, top);
  const isFile = file !== undefined;
  const given = isFile
    ? `with open(${pythonText(file)}, "rb") as file:\n    body = file.read()`
    : `body = ${python ?? pythonText(text ?? '')}`;
  const token = wanted
    ? '\n        "Authorization": "Bearer " + os.environ["TFS_TOKEN"],'
    : '';
  return `import json
${wanted ? 'import os\n' : ''}import urllib.request

${given}
request = urllib.request.Request(
    ${pythonText(url)},
    ${isFile ? 'body' : 'body.encode()'},
    {
        "Content-Type": ${pythonText(isFile ? 'application/octet-stream' : 'application/json')},${token}
    },
)
with urllib.request.urlopen(request, timeout=60) as response:
    print(json.load(response))
`;
}
