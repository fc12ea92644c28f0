// The official TypeScript SDK as a program: reads what to do from standard input, says what happened.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.SDK_FROM + "/");
const sdk = async (path) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${path}`)));

const { Client } = await sdk("client/index.js");
const { StreamableHTTPClientTransport } = await sdk("client/streamableHttp.js");
const { ClientCredentialsProvider, PrivateKeyJwtProvider } = await sdk("client/auth-extensions.js");

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { url, issuer, clientId, privateKey, clientSecret } = JSON.parse(Buffer.concat(chunks).toString());

const expectedIssuer = issuer;
const authProvider = privateKey
  ? new PrivateKeyJwtProvider({ clientId, privateKey, algorithm: "ES256", expectedIssuer })
  : new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer });

const client = new Client({ name: "interop", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
const listed = (await client.listTools()).tools.map((tool) => tool.name);
const answer = await client.callTool({ name: "create_issue", arguments: { repo: "acme/app", title: "red" } });
let refusal = "";
try {
  await client.callTool({ name: "delete_repository", arguments: { repo: "acme/app" } });
} catch (error) {
  refusal = error.message;
}
await client.close();
process.stdout.write(JSON.stringify({ listed, said: answer.content[0].text, refusal }));
