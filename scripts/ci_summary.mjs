// Ends CI with the line "N passed, N failed"; exits non-zero unless everything held.
//   node scripts/ci_summary.mjs <exit code of npm test> <of the demo> <of the restart scenario>
import { existsSync, readFileSync } from "node:fs";

const [tests, ...runs] = process.argv.slice(2).map(Number);
const NAMES = ["demo", "e2e restart"];
const file = "dist/test-results.json";
const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 0 };
let { numPassedTests: passed, numFailedTests: failed } = results;
// A suite that could not start, a failed lint or a missing result file are failures too.
if (tests !== 0 && failed === 0) failed += Math.max(1, results.numFailedTestSuites);
for (const [i, code] of runs.entries()) {
  if (code === 0) passed += 1;
  else failed += 1;
  console.log(`${NAMES[i]}: ${code === 0 ? "held" : `failed with exit code ${code}`}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 1 ? 0 : 1);
