// Reads one JSON request a line from standard input and answers each with one JSON line:
// {zpl, widthMm, heightMm, dotsPerMm} -> {pngs: [base64, ...]} or {error: text}.
import { createInterface } from "node:readline";
import { zplToBase64MultipleAsync } from "zpl-renderer-js";

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
