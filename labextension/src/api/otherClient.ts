import type { Metadata, OtherServerKind } from './answers';
import { Client } from './client';
import { metadataOf } from './serving';

/** Another server: one of tfs_notebook, or any TensorFlow Serving. */
export class OtherClient extends Client {
  private known: OtherServerKind['kind'] = null;

  /** Which of the two it is; Jupyter finds out. Null while it does not answer. */
  async kind(): Promise<OtherServerKind> {
    const told = await this.get<OtherServerKind>('');
    this.known = told.kind ?? this.known;
    return told;
  }

  override async metadata(model: string, version?: string): Promise<Metadata> {
    if (this.known === null) {
      const { kind, problem } = await this.kind();
      if (kind === null) {
        throw new Error(problem);
      }
    }
    return this.known === 'ours'
      ? super.metadata(model, version)
      : metadataOf(await this.signatures(model, version));
  }
}
