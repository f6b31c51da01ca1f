import { clipName } from '../../shared/domain/model/name.ts';
import type { Random } from './random.ts';

/** Words that a known share of the seeded names contains, so that a search's hits are predictable. */
export const SHARED_WORDS = { half: 'team', tenth: 'Berlin', thousandth: 'Nightingale' } as const;

const PURPOSES = [
  'Bookings',
  'Newsletter',
  'Kundenbetreuung',
  'Facturación',
  'Réservations',
  'Größenberatung',
  'Support inbox',
  'Sales pipeline',
  'Weekly report',
  'Refunds & returns',
  'Onboarding',
  'Πωλήσεις',
  'Εφοδιασμός',
  'Бухгалтерия',
  'Служба поддержки',
  '予約管理',
  '顧客サポート',
  '客户支持',
  '销售线索',
  '고객 지원',
  'خدمة العملاء',
  'הזמנות',
  'ग्राहक सेवा',
  'การจอง',
  'Đơn hàng',
  'Zamówienia 📦',
] as const;

const PLACES = [
  'Lisboa',
  'Kraków',
  'Ålesund',
  'İzmir',
  'São Paulo',
  'Αθήνα',
  'Київ',
  '東京',
  '서울',
  'القاهرة',
] as const;

/** Makes a name such as users give: often with the provider's name, in many scripts, rarely unique. */
export function seededName(providerName: string, random: Random): string {
  const parts = [
    random.fraction() < 0.6 ? `${providerName} -` : '',
    random.pick(PURPOSES),
    random.fraction() < 0.3 ? random.pick(PLACES) : '',
    random.fraction() < 0.5 ? SHARED_WORDS.half : '',
    random.fraction() < 0.1 ? SHARED_WORDS.tenth : '',
    random.fraction() < 0.001 ? SHARED_WORDS.thousandth : '',
    random.fraction() < 0.8 ? String(random.below(1000)) : '',
  ];
  return clipName(parts.filter((part) => part !== '').join(' '));
}
