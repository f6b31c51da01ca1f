import ipaddr from 'ipaddr.js';

/** The part of IPv6 that is handed out for use on the internet (IANA, RFC 4291 section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parse('2000::');

/**
 * Whether an address is one that a public service can have.
 *
 * Refused are private, link-local (where a cloud's metadata lives), loopback and reserved ranges, and the
 * IPv6 forms that carry an IPv4 address inside (mapped, compatible, 6to4, NAT64, Teredo), whatever they carry.
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

/** Whether a host is written as an address, in any notation, instead of a name. */
export function isAddressLiteral(host: string): boolean {
  return ipaddr.isValid(host.replace(/^\[|\]$/g, '')) || !/\.[a-z][a-z0-9-]*$/i.test(host);
}
