/** A part of the page that fails shows what happened and a way on; the other parts stay. */
import { Component, type ReactNode } from 'react';

interface Props {
  /** What failed, for people: "The chart". */
  readonly name: string;
  readonly children: ReactNode;
}

export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(thrown: unknown): { error: Error } {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className="problem" role="alert">
        <p>
          <strong>{this.props.name} failed.</strong> The rest of the page still works and nothing
          that was saved is lost.
        </p>
        <p className="small mono">{error.message}</p>
        <button type="button" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </div>
    );
  }
}
