/** Checks folders of providers, the built-in one first: `node tools/check-providers.ts [<folder>…]`. */
import { BUILT_IN_PROVIDERS, CatalogError, readProviders } from '../shared/catalog/compile.ts';

try {
  const providers = readProviders([BUILT_IN_PROVIDERS, ...process.argv.slice(2)]);
  console.log(`${providers.length} providers are valid.`);
} catch (error) {
  if (!(error instanceof CatalogError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
