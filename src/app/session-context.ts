/** Hands the session to components. */
import { createContext, useContext } from 'react';
import { invariant } from '../shared/errors.ts';
import type { Session } from './state/session.ts';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  invariant(session !== null, 'components live inside a session');
  return session;
}
