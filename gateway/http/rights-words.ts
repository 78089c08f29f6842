import type { Sentence } from '../core/reasons.ts';

/** What audit entries of retention, holds, requests, notices and assessments say to a person, by their stable word. */
export const RIGHTS_WORDS: Readonly<Record<string, Sentence>> = {
  'request-filed': { zh: '提了一个关于本人信息的申请。', en: 'A request about personal data was filed.' },
  'request-read': { zh: '为答复申请，看了这个人的登记（遮住）。', en: "A person's record was looked at, masked, to answer a request." },
  'request-answered': { zh: '答复了一个申请。', en: 'A request was answered.' },
  'request-refused': { zh: '说明理由，拒绝了一个申请。', en: 'A request was refused, with the reason.' },
  'person-corrected': { zh: '按申请更正了一个人的登记。', en: "A person's record was put right as asked." },
  'copy-fetched': { zh: '本人取走了自己信息的副本。', en: 'A person fetched the copy of his own data.' },
  'consent-given': { zh: '本人同意了一项。', en: 'A person agreed to a purpose.' },
  'consent-refused': { zh: '本人没有同意一项，钥匙照常用。', en: 'A person did not agree to a purpose; the key goes on working.' },
  'notice-drafted': { zh: '起草了隐私告知。', en: 'A privacy notice was drafted.' },
  'notice-published': { zh: '发布了新版隐私告知。', en: 'A new privacy notice was published.' },
  'assessment-drafted': { zh: '起草了影响评估。', en: 'An impact assessment was drafted.' },
  'assessment-accepted': { zh: '另一个人认可了影响评估。', en: 'An impact assessment was accepted by a second person.' },
  'assessment-retired': { zh: '停用了一份影响评估。', en: 'An impact assessment was retired.' },
  'retention-set': { zh: '改了一类数据的保存期。', en: 'How long a kind of data is kept was changed.' },
  'retention-begun': { zh: '发起了一次清理。', en: 'A retention run was begun.' },
  'retention-approved': { zh: '批准了一次清理。', en: 'A retention run was approved.' },
  'retention-refused': { zh: '没有批准一次清理。', en: 'A retention run was called off.' },
  'retention-run': { zh: '到期的数据清理完了，这是凭据。', en: 'Data was destroyed after its time; this is the receipt.' },
  'hold-placed': { zh: '按案件封存了数据。', en: 'Data was put on hold for a case.' },
  'hold-released': { zh: '解除了一项封存。', en: 'A hold was released.' },
};
