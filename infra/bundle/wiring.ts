import { join, relative, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import type { Capability } from '../../shared/contract/capabilities.ts';
import { authorizers } from '../../shared/contract/http/authorizers.ts';
import { routes } from '../../shared/contract/http/index.ts';
import { capabilitiesOf } from '../../shared/contract/http/route.ts';

/** The capabilities of every function, by its entry below `functions/`. */
export const CAPABILITIES: ReadonlyMap<string, readonly Capability[]> = new Map([
  ...Object.values(routes).map((route) => [`http/${route.entry}`, capabilitiesOf(route)] as const),
  ...[authorizers, schedules, queueWorkers, streamWorkers, eventHandlers]
    .flatMap((declarations) => Object.values(declarations))
    .map(({ entry, capabilities }) => [entry, capabilities] as const),
]);

const NAMESPACE = 'wiring';

/**
 * Replaces `functions/wiring/index.ts`, which wires every capability, by the wiring of the importing function's own
 * capabilities. esbuild then leaves out the adapters, and the SDK clients, of all others.
 *
 * @param functions the folder of the entries.
 */
export function wiringPlugin(functions: string): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /\/wiring\/index\.ts$/ }, ({ importer }) => ({
        path: relative(functions, importer).slice(0, -'.ts'.length).split(sep).join('/'),
        namespace: NAMESPACE,
      }));
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: entry }) => {
        const capabilities = CAPABILITIES.get(entry);
        if (!capabilities)
          return { errors: [{ text: `functions/${entry}.ts is not declared in contract/` }] };
        return { contents: wiringOf(capabilities), resolveDir: join(functions, 'wiring') };
      });
    },
  };
}

function wiringOf(capabilities: readonly Capability[]): string {
  return [
    `import * as ports from './ports.ts';`,
    'export const wiring = {',
    ...[...new Set(capabilities)].map((capability) => `  '${capability}': ports.${exportName(capability)},`),
    '};',
  ].join('\n');
}

/** `table:read` is exported as `tableRead`. */
function exportName(capability: Capability): string {
  return capability.replace(/:(.)/, (_, letter: string) => letter.toUpperCase());
}
