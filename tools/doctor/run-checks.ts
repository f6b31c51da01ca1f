import { checkApi } from './checks/api.ts';
import { checkConcurrency, checkMappings, checkRules } from './checks/background.ts';
import { checkAlarms, checkDeadLetters, checkSubscriptions } from './checks/messages.ts';
import { checkKeyrings, checkOAuthClients } from './checks/secrets.ts';
import { checkPlaceholders, checkStacks } from './checks/stacks.ts';
import { checkTable } from './checks/table.ts';
import { type DeployedStage, deployCommand } from './deployed-stage.ts';
import { type Finding, problem } from './finding.ts';

type Check = (stage: DeployedStage) => Promise<readonly Finding[]>;

/** The checks, by what they look at. */
const CHECKS: Readonly<Record<string, Check>> = {
  stacks: checkStacks,
  table: checkTable,
  rules: checkRules,
  'event sources': checkMappings,
  'concurrent executions': checkConcurrency,
  subscriptions: checkSubscriptions,
  alarms: checkAlarms,
  'dead letters': checkDeadLetters,
  keyrings: checkKeyrings,
  'OAuth clients': checkOAuthClients,
  API: checkApi,
  placeholders: checkPlaceholders,
};

/** Findings of all checks. */
export interface Report {
  readonly findings: readonly Finding[];
  /** Checks without a finding. */
  readonly passed: readonly string[];
}

/**
 * Runs all checks. A check that fails is a problem itself, and keeps no other from running. Where no stack is deployed,
 * there is nothing else to check.
 */
export async function runChecks(stage: DeployedStage): Promise<Report> {
  if (stage.stacks.every(({ status }) => status === undefined)) {
    const text = `there is no stack of stage ${stage.name} in this account and Region`;
    return {
      findings: [problem(text, `set AWS_PROFILE and AWS_REGION, or ${deployCommand(stage)}`)],
      passed: [],
    };
  }
  const results = await Promise.all(
    Object.entries(CHECKS).map(async ([name, check]) => ({
      name,
      findings: await runCheck(name, check, stage),
    })),
  );
  return {
    findings: results.flatMap(({ findings }) => findings),
    passed: results.filter(({ findings }) => findings.length === 0).map(({ name }) => name),
  };
}

async function runCheck(name: string, check: Check, stage: DeployedStage): Promise<readonly Finding[]> {
  try {
    return await check(stage);
  } catch (error) {
    const { name: code, message } = error instanceof Error ? error : new Error('unknown error');
    const [reason] = message.split('\n');
    const isDenied = /AccessDenied|Unauthorized|NotAuthorized/.test(code);
    const fix = isDenied
      ? 'allow it (ReadOnlyAccess and secretsmanager:GetSecretValue)'
      : 'repeat the command';
    return [problem(`${name}: not checked (${code}: ${reason})`, fix)];
  }
}
