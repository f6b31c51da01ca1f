import { describe, expect, it } from 'vitest';
import type { Example } from '../../../shared/catalog/example-schema.ts';
import { makeSample, renderExample } from '../../../shared/catalog/examples.ts';

const values = {
  fields: { site: 'acme' },
  scopes: ['read', 'write'],
  expiresAt: new Date('2031-02-03T04:05:06.789Z'),
  retryAfterSeconds: 30,
  now: new Date('2031-01-01T00:00:00.000Z'),
};

describe('an example', () => {
  const example: Example = {
    situations: ['ok'],
    status: 200,
    headers: { 'x-scopes': '{scopes}', 'x-expires': '{expiry.date} {expiry.time} UTC' },
    body: {
      site: 'https://{field.site}.example',
      scopes: '{scopes}',
      nested: [{ seconds: '{retry.seconds}', at: '{retry.epochSeconds}', end: '{expiry.timestamp}' }],
      text: 'retry after {retry.seconds} s',
      constant: '{ shop { id } }',
    },
  };

  it('is rendered with values of their own type', () => {
    const { status, headers, body } = renderExample(example, values);
    expect(status).toBe(200);
    expect(headers).toEqual({
      'content-type': 'application/json',
      'x-scopes': 'read, write',
      'x-expires': '2031-02-03 04:05:06 UTC',
    });
    expect(JSON.parse(body)).toEqual({
      site: 'https://acme.example',
      scopes: ['read', 'write'],
      nested: [{ seconds: 30, at: 1924992030, end: '2031-02-03T04:05:06.789Z' }],
      text: 'retry after 30 s',
      constant: '{ shop { id } }',
    });
  });

  it('has null for a value that there is not, and no such header', () => {
    const { headers, body } = renderExample(example, { ...values, expiresAt: null, scopes: [] });
    expect(headers).toEqual({ 'content-type': 'application/json' });
    expect(JSON.parse(body)).toMatchObject({ scopes: [], nested: [{ end: null }] });
  });

  it('may be text, of its own type', () => {
    const text = renderExample({ situations: ['unknown'], status: 401, text: 'invalid token' }, values);
    expect(text).toEqual({
      status: 401,
      headers: { 'content-type': 'text/plain;charset=utf-8' },
      body: 'invalid token',
    });
    const typed = renderExample(
      { situations: ['unknown'], status: 401, headers: { 'content-type': 'text/html' }, text: '<p>' },
      values,
    );
    expect(typed.headers).toEqual({ 'content-type': 'text/html' });
  });
});

describe('made-up credentials', () => {
  it('are by the template of each field, the same for the same name', () => {
    const fields = [{ name: 'token' }, { name: 'key', sample: 'k{digits}-{name}' }];
    const sample = makeSample(fields, 'one');
    expect(sample).toEqual({ token: 'sample-token-one', key: expect.stringMatching(/^k\d{10}-one$/) });
    expect(makeSample(fields, 'one')).toEqual(sample);
    expect(makeSample(fields, 'two').key).not.toBe(sample.key);
  });
});
