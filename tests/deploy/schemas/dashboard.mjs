// Reads a dashboard of Grafana as JSON from standard input and holds it against the types that Grafana's own code is
// made with. Prints how many panels it has, or what is wrong with it, a line each; such a thing ends it with 1.
import { readFileSync } from "node:fs";
import ts from "typescript";

const PANELS = "@grafana/schema/dist/types/raw/composable";
// What the types leave to datasources is said here; of a stat, Grafana has the rest itself.
const HEAD = `
import type * as schema from "@grafana/schema";
import type * as stat from "${PANELS}/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type * as lines from "${PANELS}/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";

type Written<T> = T extends string ? \`\${T}\` : T extends object ? { [K in keyof T]: Written<T[K]> } : T;
type Query = { refId: string; expr: string; legendFormat: string };
type Of<K extends string, O, C> = Omit<schema.Panel, "options" | "fieldConfig" | "targets" | "type"> & {
  type: K;
  targets: Query[];
  options: O;
  fieldConfig: { defaults: Omit<schema.FieldConfig, "custom"> & { custom?: Partial<C> }; overrides: never[] };
};
type Panel =
  | schema.RowPanel
  | Of<"stat", Partial<stat.Options>, never>
  | Of<"timeseries", lines.Options, lines.FieldConfig>;
type Board = Omit<schema.Dashboard, "panels" | "templating" | "annotations"> & {
  panels: Panel[];
  templating: { list: (schema.VariableModel & { definition: string })[] };
  annotations: { list: (Omit<schema.AnnotationQuery, "target"> & { expr: string; titleFormat: string })[] };
};
export const board: Written<Board> =
`;

const text = readFileSync(0, "utf8");
const name = `${import.meta.dirname}/board.ts`;
const options = {
  noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
};
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists } = host;
host.fileExists = (path) => path === name || fileExists(path);
host.getSourceFile = (path, ...rest) =>
  path === name ? ts.createSourceFile(path, HEAD + text, options.target) : getSourceFile(path, ...rest);

const found = ts.getPreEmitDiagnostics(ts.createProgram([name], options, host));
for (const { start, file, messageText } of found) {
  const line = file ? file.getLineAndCharacterOfPosition(start).line - HEAD.split("\n").length + 2 : 0;
  console.log(`line ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ").slice(0, 500)}`);
}
if (found.length) process.exitCode = 1;
else console.log(JSON.parse(text).panels.length);
