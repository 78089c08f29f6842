/**
 * A first privacy notice that says what this gateway really does (PIPL art. 17), for an operator to complete with his
 * name and address before he publishes it. A blank line parts paragraphs; a short line that ends in a colon heads one.
 */
export const DEFAULT_NOTICE = {
  zh: `谁在处理：
本楼的出租人和管理方，通过门簿（Doorbook）这台设备处理。有疑问，请找管理处或窗口，或在“我的信息”里提申请。

收集什么：
姓名、证件种类和号码、电话、住哪一间、从哪天到哪天。您的卡，只存加密后的号码和末四位。
每次开门：时间、哪扇门、开了没有、为什么。不收集人脸、声音，不跟踪手机位置。

为什么：
给登记在册的住户开门；完成法律要求出租人做的登记（《住房租赁条例》）；出了事情能查清楚。

留多久：
出入记录 184 天，到期销毁密钥，内容再也读不出来。登记信息留到您搬走满两年，然后匿名化。谁看过您的信息，记录留三年。有案件时按案件封存，另有期限。

谁能看：
房东：自己房里登记了谁，看不到您几点进出。
楼长：有几户、门好不好，看不到人。
窗口：办登记时看您的登记。
民警：要先说明用途和案件，只看需要的那一段，最长 30 天。
管理员：看设备，看不到人。
每次查看都会留下记录，您在“谁看过”里看得到。

您的权利：
查阅、要副本、更正、删除、撤回同意、要求解释。十五个工作日内答复。拒绝的要写明理由，您可以向网信部门或公安机关投诉，也可以起诉。

可以不同意的：
下面的各项开关都可以不同意，也可以随时改。不同意不影响开门。`,
  en: `Who is responsible:
The landlord and the management of this building, by means of a device called Doorbook. Ask the management or the counter, or use “My data”.

What is collected:
Name, kind and number of your document, phone, which home, from when to when. Of your card only its sealed number and last four digits.
Each time a door is asked to open: time, door, whether it opened, and why. No faces, no voices, no place of your phone.

Why:
To open doors for those who live here; to make the registration the law asks of a landlord (Housing Rental Regulation); to find out what happened when something did.

How long:
Door records 184 days; then their keys are destroyed and nobody can read them again. Your registration until two years after you moved out; then it is made anonymous. Who looked at your data is kept three years. What a case needs is held for that case.

Who sees it:
Landlord: who is registered in his homes; never when you come and go.
Building leader: how many homes, whether the doors work; no people.
Counter: your registration, when it is dealt with.
Police: only after stating a purpose and a case, only the part that is needed, 30 days at most.
Administrator: devices, no people.
Every look leaves a record, and you see it under “Who looked”.

Your rights:
To know, to have a copy, to have it corrected or deleted, to withdraw consent, to have it explained. An answer comes within fifteen working days. A refusal gives its reason; you may complain to the cyberspace or police authority, or go to court.

What you may refuse:
Each of the switches below, at any time. Your key works either way.`,
} as const;
