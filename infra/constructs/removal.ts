import { RemovalPolicy } from 'aws-cdk-lib';
import type { Settings } from '../settings.ts';

/** Of what is no data, when its stack goes; a first deployment that fails leaves nothing behind either way. */
export function removalPolicyOf({ whenDeleted }: Settings): RemovalPolicy {
  return whenDeleted === 'keep' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
