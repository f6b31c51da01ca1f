import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { routes } from '../../shared/contract/http/index.ts';
import { codesOf, PROBLEMS } from '../../shared/contract/http/problems.ts';
import { isIdempotent, type Route } from '../../shared/contract/http/route.ts';
import { openapi, openapiText } from '../../shared/contract/openapi/document.ts';
import { textOf } from './project.ts';

const declared: [string, Route][] = Object.entries(routes);
const document = openapi();

function operationOf({ path, method }: Route) {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`The document lacks ${method} ${path}.`);
  return operation;
}

/** Returns the target of every `$ref` in the document. */
function references(): string[] {
  return [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target = '']) => target);
}

describe('openapi.json', () => {
  it('is what npm run openapi generates from the routes', async () => {
    expect(await textOf('openapi.json')).toBe(openapiText());
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...document })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('would be invalid with a parameter in the body, which OpenAPI 3 lacks', async () => {
    const broken = structuredClone({
      ...document,
      paths: { '/v1': { get: { parameters: [{ in: 'body' }] } } },
    });
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('has one operation for each route, under the name of the route', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(routes).sort());
  });

  it('has the components that it refers to and no others', () => {
    const targets = new Set(references());
    const components = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...targets].sort()).toEqual(components.sort());
  });

  it('describes the tags that operations use and no others', () => {
    const used = declared.flatMap(([, route]) => operationOf(route).tags);
    expect(document.tags.map(({ name }) => name).sort()).toEqual([...new Set(used)].sort());
  });
});

describe.each(declared)('the operation %s', (_, route) => {
  const operation = operationOf(route);
  const parametersIn = (location: string) =>
    operation.parameters?.filter((parameter) => parameter.in === location).map(({ name }) => name) ?? [];

  it('declares the parameters of its path', () => {
    const placeholders = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(parametersIn('path')).toEqual(placeholders);
  });

  it('declares the headers that it reads', () => {
    expect(parametersIn('header').includes('If-Match')).toBe(route.ifMatch === true);
    expect(parametersIn('header').includes('If-None-Match')).toBe(route.etag === 'content');
    expect(parametersIn('header').includes('Idempotency-Key')).toBe(isIdempotent(route));
  });

  it('requires the security scheme of its kind of caller', () => {
    const schemes = operation.security.flatMap((scheme) => Object.keys(scheme));
    expect(schemes).toEqual(route.caller.kind === 'public' ? [] : [route.caller.kind]);
  });

  it('documents the error codes of the route under their statuses and no others', () => {
    const documented = Object.entries(operation.responses).flatMap(([status, { description }]) =>
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => `${status} ${code}`),
    );
    const codes = codesOf(route).map((code) => `${PROBLEMS[code].status} ${code}`);
    expect(documented.sort()).toEqual([...codes].sort());
  });

  it('describes the body of every response except 202, 204, 304 and redirects', () => {
    const undescribed = Object.entries(operation.responses).filter(
      ([status, { content }]) => !['202', '204', '302', '304'].includes(status) && content === undefined,
    );
    expect(undescribed).toEqual([]);
  });
});
