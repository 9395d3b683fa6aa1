// Lambda's Runtime API in a loop.
//
// AWS's own aws-lambda-ric builds native code with cmake and wants a newer Node than 20, so it can't be had from the
// registry alone. This does the same work with Node's own HTTP client: receive, JSON.parse, call, JSON.stringify, send.

import http from "node:http";
import { handler } from "./index.mjs";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const base = "/2018-06-01/runtime/invocation";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body = "") {
  const headers = { "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, agent, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (;;) {
  const invocation = await call("GET", `${base}/next`);
  const id = invocation.headers["lambda-runtime-aws-request-id"];
  try {
    const answer = await handler(JSON.parse(invocation.body));
    await call("POST", `${base}/${id}/response`, JSON.stringify(answer));
  } catch (error) {
    await call("POST", `${base}/${id}/error`, JSON.stringify({ errorMessage: String(error) }));
  }
}
