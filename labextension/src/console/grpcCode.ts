import type { Metadata, TensorFacts } from '../api/answers';
import type { Target } from '../api/client';
import { inputsOf } from './example';
import type { Question } from './question';
import type { Door } from './restCode';
import { pythonText, pythonValue } from './quoting';

/** TensorFlow's names of the types that the Open Inference Protocol names otherwise. */
const TYPES: Readonly<Record<string, string>> = {
  BOOL: 'bool',
  BYTES: 'string',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BF16: 'bfloat16'
};

/**
 * A script for TensorFlow Serving's own client package.
 *
 * Over gRPC go tensors alone: for a text or an image it sends some of the right shape.
 */
export function grpcCode(
  door: Door,
  question: Question,
  target: Target,
  metadata: Metadata
): string {
  const isJupyter = door.token === 'jupyter';
  const given = question.kind === 'json' ? inputsOf(question.body, metadata) : null;
  const note =
    question.kind === 'json'
      ? ''
      : '# the tensors that the pipeline makes of texts and images, made up here\n';
  const inputs = metadata.inputs
    .filter(input => given === null || given.has(input.name))
    .map(input => {
      const value = given?.get(input.name);
      const tensor =
        value === undefined
          ? `tf.zeros(${pythonValue(oneRow(input))}, ${typeOf(input)}).numpy()`
          : `${pythonValue(value)}, ${typeOf(input)}`;
      return `request.inputs[${pythonText(input.name)}].CopyFrom(tf.make_tensor_proto(${tensor}))`;
    });
  const wantsToken = door.grpcToken ?? false;
  // A token is not for others to read; where the port is told, gRPC is without TLS.
  const isSecure =
    wantsToken && door.grpc === undefined && door.address.startsWith('https:');
  const channel = isSecure
    ? 'grpc.secure_channel(address, grpc.ssl_channel_credentials())'
    : 'grpc.insecure_channel(address)';
  const call = wantsToken
    ? 'request, timeout=60, metadata=metadata'
    : 'request, timeout=60';
  const head = isJupyter ? OWN_HEAD : otherHead(wantsToken);
  return `${head}from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

${isJupyter ? 'address = tfs_notebook.connect().address' : addressOf(door)}
request = predict_pb2.PredictRequest()
request.model_spec.name = ${pythonText(target.model)}
${chosen(target)}${note}${inputs.join('\n')}
${wantsToken ? METADATA : ''}
with ${channel} as channel:
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    response = stub.Predict(${call})
for name, tensor in response.outputs.items():
    print(name, tf.make_ndarray(tensor).tolist())
`;
}

const OWN_HEAD = `# pip install tensorflow-serving-api; in a notebook of this Jupyter, whose kernels alone
# reach its gRPC. Elsewhere: the address of a server, such as "localhost:8500".
import grpc
import tensorflow as tf
import tfs_notebook
`;
const METADATA = 'metadata = [("authorization", "Bearer " + os.environ["TFS_TOKEN"])]\n';

function otherHead(wantsToken: boolean): string {
  return `# pip install tensorflow-serving-api
${wantsToken ? 'import os\n\n' : ''}import grpc
import tensorflow as tf
`;
}

/** The port of gRPC may not be told; TensorFlow Serving's own is this one. */
function addressOf({ address, grpc }: Door): string {
  if (grpc !== undefined) {
    return `address = ${pythonText(grpc)}`;
  }
  const host = /^\w+:\/\/(\[[^\]]*\]|[^:/]*)/.exec(address)?.[1] ?? '';
  return `# the port of gRPC, which is not that of REST\naddress = ${pythonText(`${host}:8500`)}`;
}

function chosen({ version, label }: Target): string {
  if (version !== undefined) {
    return `request.model_spec.version.value = ${version}\n`;
  }
  return label === undefined
    ? ''
    : `request.model_spec.version_label = ${pythonText(label)}\n`;
}

function typeOf(input: TensorFacts): string {
  return `tf.${TYPES[input.datatype] ?? input.datatype.toLowerCase()}`;
}

function oneRow(input: TensorFacts): number[] {
  return input.shape.map(size => Math.max(1, size));
}
