// Reads objects of Kubernetes as a JSON list from standard input and holds those of KEDA and of the Prometheus operator
// against the schemas of their CustomResourceDefinitions. Prints how many; what is refused ends it with 1.
import { readFileSync } from "node:fs";

const PACKAGES = { "keda.sh": "keda", "monitoring.coreos.com": "prometheus-operator" };

let seen = 0;
for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const [group, version] = object.apiVersion.split("/");
  if (!(group in PACKAGES)) continue;
  const models = await import(`@kubernetes-models/${PACKAGES[group]}/${group}/${version}/${object.kind}`);
  try {
    new models[object.kind](object).validate();
  } catch (error) {
    console.error(`${object.kind} ${object.metadata.name}: ${error.message}`);
    process.exitCode = 1;
  }
  seen += 1;
}
console.log(seen);
