/** Every error answer of the API: status and the sentence a person is shown. */
export const PROBLEMS = {
  BAD_INPUT: [400, '填写的内容不对，请看标出的一项。', 'Something was filled in wrongly. See the field named.'],
  BAD_REQUEST: [400, '看不懂这个请求。', 'The request could not be understood.'],
  NOT_SIGNED_IN: [401, '请先登录。', 'Please sign in first.'],
  WRONG_LOGIN: [401, '账号或密码不对。', 'The name or the password is wrong.'],
  SETUP_LINK_USED: [401, '设置链接无效或已用过。重启后会给出新链接。', 'This set-up link is wrong or was used. A restart prints a new one.'],
  NOT_ALLOWED: [403, '您的账号不能做这件事。', 'Your account may not do this.'],
  SECOND_FACTOR: [403, '这一步要先出示第二道验证（验证码或通行密钥）。', 'This needs your second factor first: a code or a passkey.'],
  NOT_ASSIGNED: [403, '您的岗位现在没有生效，或已经结束。', 'Your assignment has not begun, or it has ended.'],
  PURPOSE_REQUIRED: [403, '请先说明用途，再查看。', 'State a purpose first, then look.'],
  CSRF: [403, '页面放久了，请刷新后再试。', 'The page is out of date. Reload it and try again.'],
  CROSS_SITE: [403, '这个请求来自别的网站，没有执行。', 'The request came from another site and was not carried out.'],
  DEMO_ONLY: [403, '只有在本机的演示里才能这样做。', 'This works only in the demo, on this computer.'],
  NOT_FOUND: [404, '没有找到。', 'Not found.'],
  SCOPE_DENIED: [404, '这不在您管理的楼里。', 'This is not in one of your buildings.'],
  TAKEN: [409, '已经有了，没有再登记一次。请看标出的一项。', 'It is there already, so nothing was added. See the field named.'],
  ALREADY_APPLIED: [409, '这份名单已经导入过了。', 'This file has already been applied.'],
  HAS_BAD_ROWS: [409, '有几行不对。请改好再传，或选“只导入正确的行”。', 'Some rows are wrong. Correct the file, or choose “good rows only”.'],
  STALE_VERSION: [412, '刚才有人改过这一项。请看一眼现在的内容，再改。', 'Somebody changed this just now. Look at it as it stands, then change it.'],
  TOO_LARGE: [413, '文件太大，最多 8 MB。', 'The file is too large; 8 MB at most.'],
  WRONG_TYPE: [415, '不支持这种格式。', 'This format is not supported.'],
  UPGRADE: [426, '这个地址只用于实时连接。', 'This address is for the live connection only.'],
  TOO_MANY_TRIES: [429, '试错太多次，请过一会儿再试。', 'Too many wrong tries. Wait a little and try again.'],
  BUSY: [429, '现在登录的人太多，请稍后再试。', 'Too many people are signing in. Try again in a moment.'],
  INTERNAL: [500, '系统出错了，已记录。请再试一次。', 'Something went wrong on our side and was noted. Please try again.'],
  UNAVAILABLE: [503, '记录暂时写不进去，没有执行。请稍后再试。', 'The log cannot be written just now, so nothing was done. Try again soon.'],
  DOORS_SILENT: [503, '门的部分没有回应。请稍后再试。', 'The doors did not answer. Try again soon.'],
  SIM_SILENT: [503, '模拟门没有回应。请看看网关是否刚启动。', 'The simulated doors did not answer. Has the gateway just started?'],
} as const satisfies Record<string, readonly [number, string, string]>;

/** A stable name of a problem; part of the API. */
export type ProblemCode = keyof typeof PROBLEMS;
