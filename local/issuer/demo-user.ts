/** A person of the demo: whom a token can be for. */
export interface DemoUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}
