import type {
  Metadata,
  ServingMetadata,
  ServingStatus,
  ServingTensor,
  TensorFacts
} from './answers';
import type { ShownModel, ShownVersion } from '../server/health';

/** The signature that is asked where none is named. */
const DEFAULT = 'serving_default';

/** The names of the Open Inference Protocol for TensorFlow's types. */
const TYPES: Readonly<Record<string, string>> = {
  STRING: 'BYTES',
  HALF: 'FP16',
  FLOAT: 'FP32',
  DOUBLE: 'FP64',
  BFLOAT16: 'BF16'
};

/** What a TensorFlow Serving tells of a model; labels it does not tell. */
export function modelOf(name: string, status: ServingStatus): ShownModel {
  const versions = status.model_version_status.map(
    ({ version, state, status: told }): ShownVersion => ({
      version,
      state: state === 'UNKNOWN' ? 'NEW' : state,
      error:
        told.error_code === undefined || told.error_code === 'OK'
          ? null
          : (told.error_message ?? told.error_code),
      history: []
    })
  );
  return { name, labels: {}, versions };
}

/** What a version takes and gives, of its default signature or the only one. */
export function metadataOf({ model_spec, metadata }: ServingMetadata): Metadata {
  const signatures = metadata.signature_def.signature_def;
  const signature = signatures[DEFAULT] ?? Object.values(signatures)[0];
  return {
    name: model_spec.name,
    versions: model_spec.version === undefined ? [] : [model_spec.version],
    platform: 'tensorflow',
    inputs: factsOf(signature?.inputs),
    outputs: factsOf(signature?.outputs)
  };
}

function factsOf(tensors: Readonly<Record<string, ServingTensor>> = {}): TensorFacts[] {
  return Object.entries(tensors)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { dtype, tensor_shape: shape }]) => {
      const type = dtype.replace(/^DT_/, '');
      return {
        name,
        datatype: TYPES[type] ?? type,
        // Of no known rank: as one number for each row.
        shape: (shape?.dim ?? [{ size: '-1' }]).map(one => Number(one.size ?? 0))
      };
    });
}
