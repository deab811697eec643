# The notice board: the six headings of the policy, and what a village point promises under them.
back = 返回
duties = 工作职责
people = 人员信息
services = 服务事项
one-visit = “最多跑一次”事项
procedure = 办事流程
rules = 规章制度
duties-text =
    受理村民的申请，帮着填表、拍材料，当天送镇街。
    讲清要带什么、去哪里办、多久办好，一次说全。
    替行动不便的村民代办，需要时上门、陪同。
    办好以后通知本人，把结果交到本人手里。
    公开事项、流程、期限和电话，不收任何费用。
    保管好村民的资料，只用来办村民托付的事。
procedure-text =
    说清要办的事，核对本人身份证件。
    回答两三个问题，看材料带齐了没有。
    填表，拍材料，本人核对无误。
    封存并拿到办件号和查询码。
    镇街收到后开始计时，受理、补正、办结都会通知。
    结果出来，本人签收。
rules-text =
    首问负责制：第一个被问到的人负责到底。
    AB 岗制：一人不在，另一人顶上，事情不停。
    一次告知制：要补的一次说全。
    限时办结制：到期必须办结，延期要说明理由。
    责任追究制：拖延推诿、违规收费，追究责任。
    投诉处理制：可以打监督电话，投诉有编号、有答复。
catalogue = 共 { $count } 项 · 目录版本 { $version }
by-oneself = 可自助
assisted = 可协助自助
by-agent = 代办员办理
visits = { $count ->
    [0] 不用跑
   *[other] 最多跑 { $count } 次
}
person = { $name } · 电话 { $phone }
point-phone = 本点电话
