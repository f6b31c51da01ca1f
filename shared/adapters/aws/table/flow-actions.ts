import type { Flow } from '../../../domain/model/flow.ts';
import type { Change } from '../../../domain/model/unit-of-work.ts';
import { type Action, Expression } from './expression.ts';
import { flowKey, stepKey, useKey } from './keys.ts';

/** Returns the writes of a flow on the condition of its revision, and of the steps and uses that changed. */
export function flowActions(change: Change<Flow>): Action[] {
  const { before, after } = change;
  const steps = new Map(before?.integrations.map((integration) => [integration.stepId, integration]));
  const uses = new Set(before?.integrations.map(({ connectionId }) => connectionId));
  const nextSteps = new Map(after?.integrations.map((integration) => [integration.stepId, integration]));
  const nextUses = new Set(after?.integrations.map(({ connectionId }) => connectionId));
  const flow = after ?? before;
  if (!flow) return [];
  const { projectId, id } = flow;
  const actions: Action[] = [flowAction(change)];
  for (const stepId of steps.keys()) {
    if (!nextSteps.has(stepId)) actions.push({ Delete: { Key: stepKey(projectId, id, stepId) } });
  }
  for (const { stepId, providerId, connectionId } of nextSteps.values()) {
    if (steps.get(stepId)?.connectionId === connectionId) continue;
    actions.push({ Put: { Item: { ...stepKey(projectId, id, stepId), providerId, connectionId } } });
  }
  for (const connectionId of uses.difference(nextUses)) {
    actions.push({ Delete: { Key: useKey(connectionId, id) } });
  }
  for (const connectionId of nextUses.difference(uses)) {
    actions.push({ Put: { Item: { ...useKey(connectionId, id) } } });
  }
  return actions;
}

function flowAction({ before, after }: Change<Flow>): Action {
  if (before === null) {
    const { projectId, id, name, revision } = after;
    const Item = { ...flowKey(projectId, id), name, revision };
    return { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } };
  }
  const expression = new Expression();
  const ConditionExpression = `${expression.name(['revision'])} = ${expression.value(before.revision)}`;
  const Key = flowKey(before.projectId, before.id);
  if (after === null) return { Delete: { Key, ConditionExpression, ...expression.names() } };
  expression.set(['name'], after.name);
  expression.set(['revision'], after.revision);
  return { Update: { Key, ConditionExpression, ...expression.update() } };
}
