import { BUDGET_BYTES, overBudget, sizeTable } from './budget.ts';
import { bundle } from './build.ts';
import { BUNDLES, FUNCTIONS, findEntries } from './entries.ts';

const bundles = await bundle({
  functions: FUNCTIONS,
  entries: await findEntries(FUNCTIONS),
  out: BUNDLES,
});
console.log(sizeTable(bundles));
const heavy = overBudget(bundles);
if (heavy.length > 0) {
  console.error(`Over ${BUDGET_BYTES / 1000} KB: ${heavy.map(({ entry }) => entry).join(', ')}`);
  process.exitCode = 1;
}
