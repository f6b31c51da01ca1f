import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAddressLiteral, isPublicAddress } from '../../../shared/adapters/providers/address.ts';

/** IPv4 ranges that are not public (IANA special-purpose registry), as prefix and length. */
const SPECIAL: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const asNumber = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const asAddress = (value: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
const hex = (value: number) => `${Math.floor(value / 65536).toString(16)}:${(value % 65536).toString(16)}`;

const specialIPv4 = fc
  .constantFrom(...SPECIAL)
  .chain(([prefix, length]) =>
    fc.nat({ max: 2 ** (32 - length) - 1 }).map((offset) => asAddress(asNumber(prefix) + offset)),
  );
const anyIPv4 = fc.nat({ max: 2 ** 32 - 1 });
const group = fc.nat({ max: 0xffff }).map((value) => value.toString(16));
const rest = (groups: number) =>
  fc.array(group, { minLength: groups, maxLength: groups }).map((all) => all.join(':'));

describe('a public address', () => {
  const services = ['1.1.1.1', '8.8.8.8', '104.16.0.1', '185.199.108.153', '2606:4700::1111'];
  it.each([...services, '2a00:1450:4001:81b::200e'])('is %s', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it('is not of a special-purpose range', () => {
    fc.assert(fc.property(specialIPv4, (address) => !isPublicAddress(address)));
  });

  it('is no IPv6 address that embeds an IPv4 one, whichever it embeds', () => {
    const embedding = anyIPv4.chain((value) =>
      fc.constantFrom(
        `::ffff:${asAddress(value)}`,
        `::ffff:${hex(value)}`,
        `::ffff:0:${hex(value)}`,
        `::${hex(value)}`,
        `64:ff9b::${hex(value)}`,
        `64:ff9b:1::${hex(value)}`,
        `2002:${hex(value)}::1`,
        `2001:0:${hex(value)}::1`,
      ),
    );
    fc.assert(fc.property(embedding, (address) => !isPublicAddress(address)));
  });

  it.each([
    ['link-local', 'fe80', 7],
    ['unique local', 'fd00', 7],
    ['unique local', 'fc00', 7],
    ['site-local', 'fec0', 7],
    ['multicast', 'ff02', 7],
    ['documentation', '2001:db8', 6],
    ['discard', '100:0:0:0', 4],
    ['segment routing', '5f00', 7],
    ['never assigned', '4000', 7],
  ])('is no %s one (%s::)', (_name, prefix, groups) => {
    fc.assert(fc.property(rest(groups), (tail) => !isPublicAddress(`${prefix}:${tail}`)));
  });

  it.each([
    '',
    'localhost',
    '::',
    '::1',
    'fe80::1%eth0',
    '2606:4700::1%1',
    '0x7f.1',
    '2130706433',
    '127.1',
    '017700000001',
    '8.8.8',
    '1.1.1.1 ',
  ])('is not written %j', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('an address in place of a host', () => {
  it.each([
    '127.0.0.1',
    '[::1]',
    '[2606:4700::1111]',
    '8.8.8.8',
    '0x7f.1',
    '2130706433',
    '127.1',
    'localhost',
    '1.2.3.4.5',
  ])('is %s', (host) => expect(isAddressLiteral(host)).toBe(true));
  it.each(['api.github.com', 'us21.api.mailchimp.com', 'a.xn--p1ai'])('is not %s', (host) =>
    expect(isAddressLiteral(host)).toBe(false),
  );
});
