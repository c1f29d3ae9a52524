// node client.mjs TARGET PROTO_DIRECTORY: calls a server and prints what it answers, as JSON.

import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [target, protos] = process.argv.slice(2);
const definitions = loader.loadSync("serving/services.proto", {
  includeDirs: [protos],
  keepCase: true,
  longs: String,
  enums: String,
  bytes: String,
});
const serving = grpc.loadPackageDefinition(definitions).tensorflow.serving;
const credentials = grpc.credentials.createInsecure();
const prediction = new serving.PredictionService(target, credentials);
const model = new serving.ModelService(target, credentials);

function call(client, method, request, options = {}) {
  return new Promise((resolve) => {
    const deadline = Date.now() + (options.milliseconds ?? 30_000);
    client[method](request, { deadline }, (error, response) => {
      resolve(error ? { code: error.code, details: error.details } : response);
    });
  });
}

const shape = (...sizes) => ({ dim: sizes.map((size) => ({ size })) });
const floats = (...values) => ({
  dtype: "DT_FLOAT",
  tensor_shape: shape(values.length),
  float_val: values,
});
const texts = (...values) => ({
  dtype: "DT_STRING",
  tensor_shape: shape(values.length),
  string_val: values.map((value) => Buffer.from(value)),
});
const predict = (name, inputs, further = {}, options = {}) =>
  call(
    prediction,
    "Predict",
    { model_spec: { name, ...further.model_spec }, inputs, output_filter: further.output_filter },
    options,
  );

const results = {
  predict: await predict("half_plus_two", { x: floats(1, 2, 5) }),
  version: await predict("half_plus_two", { x: floats(1) }, { model_spec: { version: { value: 1 } } }),
  label: await predict("half_plus_two", { x: floats(1) }, { model_spec: { version_label: "stable" } }),
  filter: await predict("several", { x: floats(1) }, { output_filter: ["negative"] }),
  strings: await predict(
    "texts",
    { text: texts("größe", "") },
    { model_spec: { signature_name: "reverse" } },
  ),
  int64: await predict(
    "identities",
    {
      x: {
        dtype: "DT_INT64",
        tensor_shape: shape(2),
        int64_val: ["-9223372036854775808", "9007199254740993"],
      },
    },
    { model_spec: { signature_name: "int64" } },
  ),
  many: (
    await Promise.all(
      Array.from({ length: 64 }, (_, number) =>
        predict("half_plus_two", { x: floats(number) }),
      ),
    )
  ).map((response) => response.outputs.y.float_val[0]),
  unknown_model: await predict("nobody", { x: floats(1) }),
  wrong_type: await predict("half_plus_two", { x: texts("1") }),
  deadline: await predict("slow", { seconds: floats(1) }, {}, { milliseconds: 100 }),
  status: await call(model, "GetModelStatus", { model_spec: { name: "half_plus_two" } }),
  metadata: Object.keys(
    (
      await call(prediction, "GetModelMetadata", {
        model_spec: { name: "half_plus_two" },
        metadata_field: ["signature_def"],
      })
    ).metadata,
  ),
};
console.log(JSON.stringify(results));
prediction.close();
model.close();
