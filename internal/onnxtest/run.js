// Runs ONNX files: node run.js FOLDER JOBS.json
//
// FOLDER has node_modules/onnxruntime-node. A job is {model, level, inputs: [{name, type,
// dims, file}], out}; the outputs go to out.0, out.1 and so on, and what they are to out.json.
const fs = require('fs');
const path = require('path');
const ort = require(path.join(path.resolve(process.argv[2]), 'node_modules', 'onnxruntime-node'));

const arrays = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array, bool: Uint8Array };

async function run(job) {
  const session = await ort.InferenceSession.create(job.model, { graphOptimizationLevel: job.level, logSeverityLevel: 3, intraOpNumThreads: 1 });
  const feeds = {};
  for (const i of job.inputs) {
    const bytes = fs.readFileSync(i.file);
    const data = new arrays[i.type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    feeds[i.name] = new ort.Tensor(i.type, data, i.dims);
  }
  const results = await session.run(feeds);
  return session.outputNames.map((name, i) => {
    const v = results[name];
    fs.writeFileSync(`${job.out}.${i}`, Buffer.from(v.data.buffer, v.data.byteOffset, v.data.byteLength));
    return { name, type: v.type, dims: v.dims };
  });
}

(async () => {
  for (const job of JSON.parse(fs.readFileSync(process.argv[3]))) {
    let answer;
    try {
      answer = { outputs: await run(job) };
    } catch (e) {
      answer = { error: String(e.message || e) };
    }
    fs.writeFileSync(`${job.out}.json`, JSON.stringify(answer));
  }
})();
