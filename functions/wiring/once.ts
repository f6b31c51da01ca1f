import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { onceLog } from '../../shared/adapters/aws/table/once.ts';
import { setting } from '../../shared/runtime/environment.ts';

/** Behind `once:write`. */
export const onceWrite = () => onceLog(openTable(setting('TABLE_NAME')));
