// Reads a Dockerfile from standard input and prints what is wrong with it, a line each; such a thing ends it with 1.
import { readFileSync } from "node:fs";
import { validate } from "dockerfile-utils";

const found = validate(readFileSync(0, "utf8"));
for (const { range, message } of found) console.log(`line ${range.start.line + 1}: ${message}`);
process.exitCode = found.length ? 1 : 0;
