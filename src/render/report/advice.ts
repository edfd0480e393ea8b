// The answer to what a reader asks first: what should I do now?

import type { Advice } from '../../policy/propose/advice.ts';
import { type Html, html } from './html.ts';
import type { Report } from './report.ts';

const ANSWERS: Readonly<Record<Advice['answer'], string>> = {
  install: 'Install the proposal',
  learn: 'Learn more before you install',
  decide: 'Decide, then install',
};

const INSTALL = html`<p>Save <a href="#proposal">the drop-in</a> as <code>/etc/systemd/system/NAME.service.d/allowtrace.conf</code>, then run
<code>systemctl daemon-reload &amp;&amp; systemctl restart NAME</code>.</p>`;

/** More questions than these are behind a row that opens. */
const SHOWN = 3;

const questions = (decisions: Advice['decisions']): Html =>
  html`<ul class="decisions">${decisions.map(
    ({ question, choices }) =>
      html`<li data-find><p>${question}</p><ul>${choices.map(choice => html`<li>${choice}</li>`)}</ul></li>`,
  )}</ul>`;

function decide({ answer, decisions }: Advice): Html | null {
  if (decisions.length === 0) return null;
  const more = decisions.slice(SHOWN);
  return html`<h3>${answer === 'decide' ? 'Decide' : 'Then decide'}</h3>
${questions(decisions.slice(0, SHOWN))}
${more.length > 0 && html`<details><summary>${more.length} more ${more.length === 1 ? 'question' : 'questions'}</summary>${questions(more)}</details>`}`;
}

/** The box at the top. */
export function adviceBox({ advice }: Pick<Report, 'advice'>): Html {
  const { answer, because, situations } = advice;
  return html`<div class="advice ${answer}"><h3>What should I do now?</h3>
<p class="answer">${ANSWERS[answer]}</p><p>${because}</p>
${
  answer === 'learn' &&
  situations.length > 0 &&
  html`<ul class="situations">${situations.map(({ situation, how }) => html`<li><b>${situation}</b>: ${how}</li>`)}</ul>`
}${answer === 'install' && INSTALL}${decide(advice)}</div>`;
}
