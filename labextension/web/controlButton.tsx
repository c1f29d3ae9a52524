import type { ReactElement } from 'react';

import { useChanging } from '../src/changing';
import { useTrans } from '../src/text/translation';
import { Drawing } from './drawing';
import { usePage } from './page';

/** Whether models may be changed from here; where the server lets them, takes the token. */
export function ControlButton(): ReactElement {
  const trans = useTrans();
  const { page } = usePage();
  const { tokens, dialogs, settings } = page;
  const isOpen = useChanging(tokens, () => tokens.get('control') !== null);
  if (settings.control === 'none') {
    return (
      <span
        className="tfs-tool tfs-readOnly"
        title={trans.__(
          'Models are changed from here if the server is started with --model_control=explicit and --model_control_token_file.'
        )}
      >
        <Drawing name="locked" />
        {trans.__('Read only')}
      </span>
    );
  }
  const unlock = async () => {
    const values = await dialogs.ask({
      title: trans.__('Unlock changes'),
      text: trans.__(
        'The token is in the file that --model_control_token_file names. It is kept until this tab is closed, and sent to this server alone.'
      ),
      fields: [{ label: trans.__('Token'), placeholder: '', isSecret: true }],
      button: trans.__('Unlock'),
      isGrave: false
    });
    const token = values?.[0]?.trim();
    if (token) {
      tokens.give('control', token);
    }
  };
  return (
    <button
      type="button"
      className="tfs-tool"
      aria-pressed={isOpen}
      onClick={() => {
        if (isOpen) {
          tokens.forget('control');
        } else {
          void unlock();
        }
      }}
    >
      <Drawing name={isOpen ? 'open' : 'locked'} />
      {isOpen ? trans.__('Lock changes') : trans.__('Unlock changes')}
    </button>
  );
}
