import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { routes } from '../../shared/contract/http/index.ts';
import { codesOf, PROBLEMS } from '../../shared/contract/http/problems.ts';
import { isIdempotent, type Route } from '../../shared/contract/http/route.ts';
import { openapi, openapiText } from '../../shared/contract/openapi/document.ts';

const declared: [string, Route][] = Object.entries(routes);
const document = openapi();

function operationOf({ path, method }: Route) {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`The document lacks ${method} ${path}.`);
  return operation;
}

/** Every reference of the document, as it stands. */
function references(): string[] {
  return [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target = '']) => target);
}

describe('openapi.json', () => {
  it('is what the routes say; where not, npm run openapi writes it anew', async () => {
    const committed = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8');
    expect(committed).toBe(openapiText());
  });

  it('keeps the rules of OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...document })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('would be refused with a parameter in a place that OpenAPI does not know', async () => {
    const broken = structuredClone({
      ...document,
      paths: { '/v1': { get: { parameters: [{ in: 'body' }] } } },
    });
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('has each operation once, under its name in the routes', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(routes).sort());
  });

  it('refers only to components that it has, and has only components that are referred to', () => {
    const targets = new Set(references());
    const components = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...targets].sort()).toEqual(components.sort());
  });

  it('says what each of its tags is about', () => {
    const used = declared.flatMap(([, route]) => operationOf(route).tags);
    expect(document.tags.map(({ name }) => name).sort()).toEqual([...new Set(used)].sort());
  });
});

describe.each(declared)('the operation %s', (_, route) => {
  const operation = operationOf(route);
  const named = (place: string) =>
    operation.parameters?.filter((parameter) => parameter.in === place).map(({ name }) => name) ?? [];

  it('declares the parameters of its path', () => {
    const placeholders = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(named('path')).toEqual(placeholders);
  });

  it('declares the headers that it heeds', () => {
    expect(named('header').includes('If-Match')).toBe(route.ifMatch === true);
    expect(named('header').includes('Idempotency-Key')).toBe(isIdempotent(route));
  });

  it('asks for the proof of its kind of caller', () => {
    const schemes = operation.security.flatMap((scheme) => Object.keys(scheme));
    expect(schemes).toEqual(route.caller.kind === 'public' ? [] : [route.caller.kind]);
  });

  it('tells every code under its status, and nothing else', () => {
    const told = Object.entries(operation.responses).flatMap(([status, { description }]) =>
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => `${status} ${code}`),
    );
    const codes = codesOf(route).map((code) => `${PROBLEMS[code].status} ${code}`);
    expect(told.sort()).toEqual([...codes].sort());
  });

  it('describes the body of every answer but those that have none', () => {
    const shapeless = Object.entries(operation.responses).filter(
      ([status, { content }]) => !['202', '204'].includes(status) && content === undefined,
    );
    expect(shapeless).toEqual([]);
  });
});
