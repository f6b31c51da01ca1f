import ipaddr from 'ipaddr.js';

/** Part of IPv6 that is allocated for the internet (IANA, RFC 4291 section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parse('2000::');

/**
 * Returns true for an address that a public service can have.
 *
 * False for private, link-local (where a cloud's metadata service listens), loopback and reserved ranges, and
 * for every IPv6 form that embeds an IPv4 address (mapped, compatible, 6to4, NAT64, Teredo), whichever it
 * embeds.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return ipaddr.IPv4.isValidFourPartDecimal(address) && isUnicast(parsed);
  return parsed.zoneId === undefined && parsed.match(GLOBAL_UNICAST, 3) && isUnicast(parsed);
}

function isUnicast(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === 'unicast';
}

/** Returns true for a host that is an address, in any notation, instead of a name. */
export function isAddressLiteral(host: string): boolean {
  return ipaddr.isValid(host.replace(/^\[|\]$/g, '')) || !/\.[a-z][a-z0-9-]*$/i.test(host);
}
