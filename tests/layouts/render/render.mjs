// Reads one JSON request a line from standard input and answers each with one JSON line:
// {zpl, widthMm, heightMm, dotsPerMm} -> {pngs: [base64, ...]} or {error: text}.
import { createInterface } from "node:readline";
import { webcrypto } from "node:crypto";
import { createRequire } from "node:module";

// Node 18, which Debian 12 has, knows no global crypto and finds no named export in this package.
globalThis.crypto ??= webcrypto;
const { zplToBase64MultipleAsync } = createRequire(import.meta.url)("zpl-renderer-js");

for await (const line of createInterface({ input: process.stdin })) {
  const { zpl, widthMm, heightMm, dotsPerMm } = JSON.parse(line);
  let answer;
  try {
    answer = { pngs: await zplToBase64MultipleAsync(zpl, widthMm, heightMm, dotsPerMm) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
