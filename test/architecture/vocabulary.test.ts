import { describe, expect, it } from 'vitest';
import { declaredNames } from './declared-names.ts';
import { projectFiles, textOf } from './project.ts';

interface Replacement {
  /** Matches a name's words in lower case, separated by blanks: `kept key` for KeptKey, keptKey and kept-key. */
  readonly word: RegExp;
  readonly write: string;
  /** The files that the rule is limited to, because the word is plain English or a standard's elsewhere. */
  readonly only?: RegExp;
  /** The files in which the word has a technical meaning. */
  readonly except?: RegExp;
}

/** Private words that the project replaced by the field's own; docs/glossary.md defines those. */
const REPLACED: readonly Replacement[] = [
  { word: /\bhouses?\b/, write: 'StageContext, ServiceFunction, LocalBackend, TestBackend' },
  { word: /\b(rooms?|floors?)\b/, write: 'layer' },
  { word: /\b(trespass(es)?|intrusions?)\b/, write: 'layer violation' },
  { word: /\bsurroundings\b/, write: 'forbidden APIs; in tests the simulated deployment' },
  { word: /\bturn(s|ed|ing)?\b/, write: 'scheduledFor, statusChange, interleaveByProject' },
  // Secrets Manager's word for a secret in its recovery window, and Unicode's for combining characters.
  { word: /\bmark(s|ed)?\b(?! for deletion)/, write: 'Lease', except: /^shared\/domain\/notices\// },
  { word: /^reconnecting$/, write: 'lease' },
  // Lambda's word for the end of an invocation.
  { word: /\bdeadline\b/, write: 'expiresAt', except: /^local\// },
  {
    word: /\bsettl(e|es|ed|ing)\b/,
    write: 'rollForward, complete, toStorableResponse, whenIdle, acknowledge',
  },
  { word: /\bhappenings?\b/, write: 'HistoryChange' },
  // As a noun; runOnce has the adverb, and `once` is an option of addEventListener.
  {
    word: /^once\b|\b(claim|release) once$/,
    write: 'IdempotencyStore, runOnce',
    except: /^(local|web)\/|\/adapters\/providers\//,
  },
  { word: /\bdeeds?\b/, write: 'operation, idempotency key' },
  { word: /\bmilestones?\b/, write: 'expiry reminder' },
  { word: /\bagenda\b|\blast minute\b|\breach minute\b/, write: 'checkpoint' },
  { word: /\bledgers?\b/, write: 'LastCheckStore' },
  // The folder tools/ is one layer.
  {
    word: /\bessentials\b|^tools$|\btools of\b/,
    write: 'OperationContext',
    except: /^tools(\/|$)|^test\/architecture\//,
  },
  { word: /\bvisits?\b/, write: 'RequestContext' },
  { word: /\bgates?\b/, write: 'RequestGuards; in tests Barrier' },
  { word: /\bpatience\b/, write: 'SDK client configuration' },
  { word: /\btroubles?\b|\bpause after\b/, write: 'circuit breaker, cooldown' },
  // Elsewhere plain English: a name that is taken, the items that are wanted.
  {
    word: /^(calls|wanted)$|\btaken\b/,
    write: 'tokens, TokenRequest, takeTokens',
    only: /^shared\/domain\/checks\/|\/call-budget/,
  },
  { word: /\boverdraft\b/, write: 'urgentBurst' },
  { word: /\bjudge(s|d|ment)?\b/, write: 'applyVerification' },
  { word: /\bexamin(e|es|ed|ation|ations)\b/, write: 'runCheck, CheckResult' },
  { word: /\bverify twice\b/, write: 'verifyConfirmingRejection' },
  { word: /\bdated\b/, write: 'recordsTime' },
  // In tests the name of a user.
  { word: /^by$/, write: 'CheckOrigin; in infra fn', only: /^(infra|functions|shared)\// },
  { word: /\blabel serving\b|^serving$/, write: 'AWSCURRENT' },
  { word: /\bseal cursor\b|\bopen cursor\b/, write: 'encodeCursor, decodeCursor' },
  { word: /\brequire coming\b/, write: 'requireFutureDate' },
  { word: /\brequire room\b/, write: 'requireCapacity' },
  { word: /\brequire accepted\b/, write: 'verifyOrThrow' },
  { word: /\bheld\b/, write: 'currentConnection, inProgress' },
  { word: /\brelink(s|ed|ing)?\b/, write: 'StepLinkChange' },
  // The demo data has names of places.
  { word: /\b(undone|placed?|places)\b/, write: 'FailedRecord, index, location', except: /\/seed\// },
  { word: /\bget present\b/, write: 'batchGetConsistent' },
  { word: /\blook behind\b/, write: 'hydrateUntilFull' },
  { word: /^first of\b/, write: 'queryPage' },
  { word: /\bplain item\b/, write: "the SDK's unmarshall" },
  // Injected faults are called so in tests and in the sandbox that injects them.
  {
    word: /\bfaults?\b/,
    write: 'ValidationIssue, ProviderError, CatalogIssue, ServiceException',
    except: /^(test|local\/sandbox)\//,
  },
  { word: /\banswer(s|ed|ing)?\b/, write: 'response, responseRules' },
  { word: /^means$/, write: 'outcome' },
  { word: /\bstanding\b/, write: 'currentRecord, checkProgress' },
  // Round-robin is the scheduling policy; a random generator mixes its state in rounds.
  { word: /\brounds?\b(?! robin)/, write: 'processInBatches, checkProgress', except: /\/seed\// },
  { word: /\b(persons?|people)\b/, write: 'user; in notices subscriber' },
  { word: /\bkept key\b/, write: 'RetainedKey' },
  { word: /\bmeasures\b/, write: 'Metrics' },
  // OAuth's word elsewhere: a granted scope.
  { word: /\bgranted\b/, write: 'GrantTargets', only: /^infra\// },
  { word: /\bcallers\b/, write: 'Authorizers', only: /^infra\// },
  // RFC 9457's word in problem details, and CloudWatch's for a widget.
  { word: /^title$|\btitle of\b/, write: 'shortName', only: /^infra\/(?!.*dashboard)/ },
  { word: /\banything own\b/, write: "scope: 'self'" },
  { word: /^tagged$/, write: 'etag' },
  { word: /^conditional$/, write: 'ifMatch', only: /^(infra|functions|shared)\// },
  { word: /\blisted\b/, write: 'summary' },
  { word: /\b(tells?|told|telling)\b/, write: 'return, notify, record, log, document' },
  { word: /\b(says?|said|saying)\b/, write: 'print, return, log, document' },
  { word: /\bworlds?\b/, write: 'SimulatedDeployment' },
  { word: /\bscenes?\b/, write: 'Scenario' },
  { word: /\bwired?\b/, write: 'FaultInjector, injected' },
  { word: /\bsight\b/, write: 'the noun of what is read' },
  { word: /\bbefall(s|ing)?\b/, write: 'InjectedFault' },
  { word: /\b(lends?|lent)\b/, write: 'borrow' },
  { word: /\bsound(ness)?\b/, write: 'faultless; in the catalog validation' },
  { word: /\bbreach(es)?\b/, write: 'invariantViolations' },
  { word: /\bkillable\b/, write: 'the noun of the process' },
];

const SOURCES = /^(infra|functions|shared|local|tools|web|test)\//;
/** Positions at which a string without a blank is a name: an attribute, a key, a code, the id of a construct. */
const KEYS = /^(infra|functions|shared)\//;

/** Splits `keptKey`, `KeptKey`, `kept-key` and `KEPT_KEY` into `kept key`. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .join(' ')
    .trim();
}

/** Returns why a name must go, or nothing if it may stay. */
function objections(file: string, name: string): readonly string[] {
  const words = wordsOf(name);
  return REPLACED.filter(({ only, except }) => (only?.test(file) ?? true) && !except?.test(file)).flatMap(
    ({ word, write }) =>
      (word.exec(words) ?? []).slice(0, 1).map((match) => `${name}: for "${match}" write ${write}`),
  );
}

/** Returns the objections to a file's path; a folder's name counts once, for the first file in it. */
function pathObjections(files: readonly string[]): readonly string[] {
  const paths = new Set(
    files.flatMap((file) => file.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))),
  );
  return [...paths].flatMap((path) =>
    objections(path, path.slice(path.lastIndexOf('/') + 1).replace(/(\.test)?\.\w+$/, '')).map(
      (objection) => `${path} ${objection}`,
    ),
  );
}

function nameObjections(file: string, text: string): readonly string[] {
  return declaredNames(file, text, { keys: KEYS.test(file) }).flatMap(({ name, line }) =>
    objections(file, name).map((objection) => `${file}:${line} ${objection}`),
  );
}

describe('the vocabulary', async () => {
  const files = (await projectFiles()).filter((file) => SOURCES.test(file));

  it('has no replaced word in the name of a file or folder', () => {
    expect(pathObjections(files)).toEqual([]);
  });

  it('has no replaced word in a declared name or a stored key', async () => {
    const sources = files.filter((file) => /\.tsx?$/.test(file));
    const found = await Promise.all(sources.map(async (file) => nameObjections(file, await textOf(file))));
    expect(found.flat()).toEqual([]);
  });
});

describe('the rule', () => {
  it.each([
    `const keptKey = 1;`,
    `const KEPT_KEY = 1;`,
    `function open({ id: keptKey }: Props) {}`,
    `const open = ([keptKey = 1]) => keptKey;`,
    `interface Props { readonly keptKey: string }`,
    `type KeptKey = string;`,
    `class Key { #keptKey = 1; }`,
    `class Key { keptKey() {} }`,
    `const key = { keptKey: 1 };`,
    `const key = { 'kept-key': 1 };`,
    `const key = 'kept-key#1';`,
    `const key = \`kept-key#\${id}\`;`,
    `import { key as keptKey } from './key.ts';`,
    `try {} catch (keptKey) {}`,
  ])('objects to %s', (text) => {
    expect(nameObjections('shared/a.ts', text)).toEqual([
      expect.stringMatching(/^shared\/a\.ts:1 .* for "kept key" write RetainedKey$/),
    ]);
  });

  it.each([
    `import { keptKey } from './key.ts';\nuse(keptKey);`,
    `import { keptKey as key } from 'library';`,
    `use(library.keptKey);`,
    `// The kept key.\nconst text = 'The kept key.';`,
    `const keptKeys = 1, unkeptKey = 2;`,
  ])('accepts %s', (text) => {
    expect(nameObjections('shared/a.ts', text)).toEqual([]);
  });

  it('objects once to a folder and to each file', () => {
    expect(pathObjections(['infra/kept-key/a.ts', 'infra/kept-key/KeptKey.test.ts'])).toEqual([
      'infra/kept-key kept-key: for "kept key" write RetainedKey',
      'infra/kept-key/KeptKey.test.ts KeptKey: for "kept key" write RetainedKey',
    ]);
  });

  it('heeds where a word has a technical meaning', () => {
    expect(nameObjections('test/a.ts', 'const fault = 1;')).toEqual([]);
    expect(nameObjections('shared/a.ts', 'const fault = 1;')).toHaveLength(1);
    expect(nameObjections('local/sandbox/a.ts', 'const fault = 1;')).toEqual([]);
  });
});
