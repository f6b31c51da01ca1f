import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  cruise,
  type IForbiddenRuleType,
  type IReachabilityForbiddenRuleType,
  type IRegularForbiddenRuleType,
} from 'dependency-cruiser';

/** The files of each layer, as a regular expression over paths. */
const FILES = {
  terms: '^shared/domain/terms\\.ts$',
  catalogSchema: '^shared/catalog/(schema|templates|open)\\.ts$',
  catalog: '^shared/catalog/',
  messages: '^shared/messages/',
  /** Interpretation of providers' responses, and the files of the compiled catalog. */
  catalogFormat: '^shared/catalog/(responses|times|layout)\\.ts$',
  catalogCompiler: '^shared/catalog/(compile|layout)\\.ts$',
  tableDefinition: '^shared/adapters/aws/table/(definition|keys|items)\\.ts$',
  domain: '^shared/domain/',
  contract: '^shared/contract/',
  adapters: '^shared/adapters/',
  runtime: '^shared/runtime/',
  functions: '^functions/',
  infra: '^infra/',
  /** Settings of the stages, and the names that follow from them. */
  stageSettings: '^infra/(stages/|(settings|check-settings|console-settings|placeholders|naming)\\.ts$)',
  local: '^local/',
  adapterTools: '^tools/[^/]+/',
  tools: '^tools/[^/]+\\.ts$',
  web: '^web/',
  webBuild: '^web/build\\.ts$',
};

interface Layer {
  readonly layer: keyof typeof FILES;
  /** The layers that it may import besides its own files. */
  readonly mayImport: readonly (keyof typeof FILES)[];
}

/** The layers above `terms`, which import nothing at all. */
const LAYERS: readonly Layer[] = [
  { layer: 'catalog', mayImport: ['terms'] },
  { layer: 'messages', mayImport: ['terms'] },
  { layer: 'tableDefinition', mayImport: ['terms', 'messages'] },
  { layer: 'domain', mayImport: ['catalogSchema', 'messages'] },
  { layer: 'contract', mayImport: ['domain', 'catalogSchema', 'messages'] },
  { layer: 'adapters', mayImport: ['domain', 'contract', 'catalogSchema', 'catalogFormat', 'messages'] },
  { layer: 'runtime', mayImport: ['domain', 'contract', 'catalogSchema', 'messages'] },
  { layer: 'functions', mayImport: ['runtime', 'contract', 'domain', 'adapters', 'catalog', 'messages'] },
  // Refers to functions by their paths, so that a synthesis loads no handler.
  {
    layer: 'infra',
    mayImport: ['contract', 'messages', 'tableDefinition', 'catalogCompiler', 'terms', 'webBuild'],
  },
  {
    layer: 'local',
    mayImport: ['functions', 'contract', 'tableDefinition', 'catalog', 'messages', 'terms', 'webBuild'],
  },
  {
    layer: 'tools',
    mayImport: [
      'functions',
      'contract',
      'tableDefinition',
      'catalog',
      'messages',
      'terms',
      'local',
      'adapterTools',
    ],
  },
  // Fill the table, move credentials, check a stage and call providers by the adapters' own code: one module knows an item
  // or request.
  {
    layer: 'adapterTools',
    mayImport: [
      'functions',
      'contract',
      'adapters',
      'domain',
      'runtime',
      'catalog',
      'messages',
      'local',
      'tools',
      'stageSettings',
    ],
  },
  // Knows the backend by openapi.json.
  { layer: 'web', mayImport: [] },
];

const SOURCES = ['shared', 'functions', 'infra', 'local', 'tools', 'web'];
const PROJECT = `^(${[...SOURCES, 'test'].join('|')})/`;
const BACKEND = '^(shared|functions)/';
/** The files that something other than an import starts: Lambda, the CDK, a person. */
const ENTRIES = '^(functions/(http|authorizers|schedules|queues|streams|events)|infra|local|tools)/';

const layerRules = LAYERS.map(({ layer, mayImport }) =>
  forbid(
    `${layer} may import ${mayImport.join(', ') || 'no other layer'}`,
    { path: FILES[layer] },
    { path: PROJECT, pathNot: [FILES[layer], ...mayImport.map((other) => FILES[other])] },
  ),
);

const RULES: readonly IForbiddenRuleType[] = [
  ...layerRules,
  forbid('terms import nothing', { path: FILES.terms }, {}),
  forbid('only tests import tests', { path: PROJECT, pathNot: '^test/' }, { path: '^test/' }),
  forbid('no import cycle', { path: PROJECT }, { circular: true }),
  forbid(
    'files at the root of domain/ import none of its folders',
    { path: '^shared/domain/[^/]+$' },
    { path: '^shared/domain/[^/]+/' },
  ),
  {
    ...forbid('no cycle of folders in domain/', { path: '^shared/domain/' }, { circular: true }),
    scope: 'folder',
  },
  forbid(
    'an entry reaches every file',
    { path: ENTRIES },
    { path: `${BACKEND}.*\\.ts$`, pathNot: ENTRIES, reachable: false },
  ),
  forbid(
    'only adapters/aws imports the AWS SDK',
    { path: BACKEND, pathNot: '^shared/adapters/aws/' },
    { path: '(^|/)@(aws-sdk|smithy)/' },
  ),
  forbid(
    'only adapters/providers imports the network',
    { path: BACKEND, pathNot: '^shared/adapters/providers/' },
    { path: '^(node:)?(http|http2|https|dns|net|tls|dgram)(/|$)|(^|/)undici(/|$)' },
  ),
  forbid(
    'only adapters/catalog and the compiler of the catalog import the file system',
    { path: BACKEND, pathNot: '^shared/(adapters/catalog/|catalog/compile\\.ts$)' },
    { path: '^(node:)?(fs|sqlite)(/|$)' },
  ),
  forbid(
    'the backend imports no processes or threads',
    { path: BACKEND },
    { path: '^(node:)?(process|child_process|cluster|worker_threads|module|vm)(/|$)' },
  ),
  forbid(
    'domain imports no package but node:crypto and node:util',
    { path: FILES.domain },
    { pathNot: [PROJECT, '^(node:)?(crypto|util)$'] },
  ),
];

function forbid(
  name: string,
  from: IRegularForbiddenRuleType['from'],
  to: IRegularForbiddenRuleType['to'] | IReachabilityForbiddenRuleType['to'],
): IForbiddenRuleType {
  return { name, severity: 'error', from, to };
}

/** Findings of dependency-cruiser: the modules it read, and each forbidden import as `rule: from -> to`. */
interface Cruised {
  readonly modules: readonly string[];
  readonly violations: readonly string[];
}

/**
 * Cruises the sources of the project in `baseDir`. The parser is swc, because dependency-cruiser reads
 * TypeScript through the compiler's JavaScript API, which version 7 lacks; without a parser it skips every
 * module silently. swc's visitor does not distinguish `import type` from `import`, misses types written
 * `import('…')` and throws at `using`, so test files are not cruised.
 */
export async function cruiseProject(baseDir: string): Promise<Cruised> {
  const folders = SOURCES.filter((folder) => existsSync(join(baseDir, folder)));
  const { output } = await cruise(folders, {
    baseDir,
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^test/'] },
    // The one file of JSX is an example for hosts; dependency-cruiser configures swc without JSX.
    exclude: { path: '\\.tsx$' },
    validate: true,
    ruleSet: { forbidden: [...RULES] },
  });
  if (typeof output === 'string') throw new Error(output);
  return {
    modules: output.modules.map(({ source }) => source),
    violations: output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  };
}
