// Runs a TensorFlow.js graph model on inputs: node run.cjs FOLDER model.json weights.bin inputs.bin side outputs.json
const fs = require('fs');
const [, , modules, topology, weights, inputs, side, outputs] = process.argv;
const load = (name) => require(require.resolve(name, {paths: [modules]}));
const tf = load('@tensorflow/tfjs-core');
const {loadGraphModel} = load('@tensorflow/tfjs-converter');
const wasm = load('@tensorflow/tfjs-backend-wasm');
const path = require('path');
wasm.setWasmPaths(path.join(modules, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
(async () => {
  await tf.setBackend('wasm');
  await tf.ready();
  const model = JSON.parse(fs.readFileSync(topology, 'utf8'));
  const data = fs.readFileSync(weights);
  const io = {load: async () => ({
    modelTopology: model.modelTopology, format: model.format, signature: model.signature,
    weightSpecs: model.weightsManifest[0].weights,
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)})};
  const graph = await loadGraphModel(io);
  const pixels = fs.readFileSync(inputs);
  const size = side * side * 3, all = [];
  for (let n = 0; n * size < pixels.length; n++) {
    const values = Int32Array.from(pixels.subarray(n * size, (n + 1) * size));
    const found = graph.execute(tf.tensor4d(values, [1, +side, +side, 3], 'int32'));
    all.push(Array.from(found.dataSync()));
  }
  fs.writeFileSync(outputs, JSON.stringify(all));
})().catch((error) => { console.error(error); process.exit(1); });
