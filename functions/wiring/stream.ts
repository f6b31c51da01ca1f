/** What the table's stream tells, behind the table's adapter. */
export { removedConnection, writtenEntry } from '../../shared/adapters/aws/table/stream-records.ts';
