/** Lets work through while its total weight stays under a limit; the first is always let through. */
export class WeightGate {
  private inside = 0;

  constructor(private readonly limit: number) {}

  admits(weight: number): boolean {
    return this.inside === 0 || this.inside + weight <= this.limit;
  }

  /** Call the returned function once to leave. */
  enter(weight: number): () => void {
    this.inside += weight;
    return () => {
      this.inside -= weight;
    };
  }
}
