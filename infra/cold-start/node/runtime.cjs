// The least of a runtime for Node.js: Lambda's own client (aws-lambda-ric) compiles C++ and does more.
const http = require('node:http');

const agent = new http.Agent({ keepAlive: true });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime/${path}`, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });

(async () => {
  const { handler } = require(process.argv[2]);
  for (;;) {
    const { headers, body } = await call('GET', 'invocation/next');
    const id = headers['lambda-runtime-aws-request-id'];
    try {
      await call('POST', `invocation/${id}/response`, JSON.stringify(await handler(JSON.parse(body))));
    } catch (error) {
      const told = JSON.stringify({ errorType: error.name, errorMessage: error.message });
      await call('POST', `invocation/${id}/error`, told);
    }
  }
})();
