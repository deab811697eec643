usage =
    town-hall：镇（街道）综合服务大厅端

    town-hall init --dir 目录 --name 名称 [--phone 电话] [--supervision-phone 监督电话] [--recovery-key 文件]
    town-hall serve --dir 目录 [--api 地址:端口] [--desk 127.0.0.1:端口] [--host 域名]… [--catalogue 目录] [--calendar 文件] [--wire-from 版本] [--ready-file 文件]
    town-hall point add --dir 目录 --id 代码 --name 名称 [--hours 时间] [--phone 电话]
    town-hall point list --dir 目录
    town-hall user add --dir 目录 --account 账号 --name 姓名 --role agent|clerk|reviewer|administrator|auditor
              … [--point 代码] [--valid-until 日期] [--post 岗位] [--phone 电话]   （口令：标准输入第一行）
    town-hall user list --dir 目录
    town-hall user password --dir 目录 --account 账号   （口令：标准输入第一行）
    town-hall user disable --dir 目录 --account 账号
    town-hall code --dir 目录 --point 代码
    town-hall terminals --dir 目录
    town-hall revoke --dir 目录 --terminal 终端
    town-hall filings --dir 目录 --json [--read-pages]
    town-hall voices --dir 目录                      居民的评价和投诉
    town-hall message --dir 目录 --text 内容 [--to 代码]   给一个服务点（不写 --to 是全部）发通知
    town-hall messages --dir 目录                    发过的通知
    town-hall key --dir 目录                         核对回执用的公钥，可以公布
    town-hall check-receipt [文件] (--key 公钥… | --dir 目录)   核对纸上的回执，不用联网；文件是扫码得到的文字
    town-hall audit --dir 目录 [--subject 编号] [--verify]
    town-hall backup --dir 目录 --to 新目录
    town-hall restore --from 备份 --dir 新目录 --key 钥匙文件
    town-hall recovery --dir 目录 --to 文件          换一把恢复钥匙
    town-hall recover --dir 目录 --terminal 终端 --recovery-key 文件 --to 文件   取出一台终端档案柜的钥匙
    town-hall bundle import --dir 目录 --from 文件 [--receipts 文件]   收U盘上的包，写出回执
    town-hall catalogue check [目录] [--json]
    town-hall catalogue diff 旧版目录 新版目录 [--json]
    town-hall catalogue guide [目录] --to 新目录 [--hall 名称]
    town-hall catalogue try 事项 --answers 文件.json [--catalogue 目录] [--at 时间]
    town-hall deadline --start 2026-02-13T10:00 --limit 20wd|60d [--stop 时间 --resume 时间]… [--calendar 文件] [--hours 文件]

    退出码：0 办成；1 没办成；2 命令写错。
founded = 大厅已建在 { $dir }。请把 ledger.key 另存一份：没有它，台账谁也打不开。
recovery-made = 恢复钥匙已写在 { $file }。请移到别处保管，不要留在本机：凭它可以打开各终端档案柜的备份。
recovered = 终端 { $terminal } 档案柜的钥匙已写在 { $file }，已记入审计。
recover-nothing = 这台终端没有存过钥匙。
recover-other-key = 这台终端的钥匙是用另一把恢复钥匙封的。
recover-damaged = 存下的钥匙已损坏。
bundle-taken = 收下 { $count } 件，回执写在 { $file }，请带回村里。
bundle-other-hall = 这个包是封给另一个大厅的，没有收。
bundle-foreign = 这不是本系统的包，或由更新的程序写成，没有收。
bundle-damaged = 包被改动过或不完整，一件也没有收。
bundle-sender = 包不是由本大厅准入的终端封的，没有收。
bundle-revoked = 封这个包的终端已被吊销，没有收。
bundle-not-taken = 包没有收完，请再收一次：收过的不会重复。
bundle-refused = 有 { $count } 件大厅不收，它们还在终端里。
point-added = 便民服务点 { $id } 已登记。
user-added = 账号 { $account } 已登记。
password-set = 账号 { $account } 的口令已更换。
user-disabled = 账号 { $account } 已停用。
revoked = 终端 { $terminal } 从下一次请求起不能再进来。
serving = 大厅已开门。窗口：{ $desk }　终端：{ $api }
closing = 大厅正在关门。
wire-from = { $text } 不是线上协议的版本，应像 1。
receipt-good = ✓ 是镇街签发的回执：办件号 { $number }
receipt-none = 里面没有回执的码。
receipt-mixed = 这些码不是同一张回执的。
receipt-missing = 回执的码不全：共 { $of } 个，缺第 { $missing } 个。
receipt-changed = ✗ 不是签发的原样，有改动。
receipt-foreign = ✗ 不是这把公钥签发的。
receipt-newer = 回执由更新的程序签发，本程序读不懂。
receipt-key = 公钥是 64 位十六进制数字，town-hall key 可以看到。
message-sent = 通知已发出，终端连上就会收到。
message-text = 通知要有内容，最多 { $max } 个字。
unknown-command = 没有 { $word } 这个命令，`town-hall help` 可查看全部。
unknown-option = 这里没有选项 { $option }。
value-missing = 选项 { $option } 后面要有值。
option-missing = 缺少选项 { $option }。
option-twice = 选项 { $option } 写了两次。
too-many-words = { $word } 在这里没有意义。
address = { $text } 不是地址，应像 127.0.0.1:7443。
date = { $text } 不是日期，应像 2026-12-31。
wrong-key = 这把钥匙打不开台账，什么都没有改动。
key-mode = { $path } 别人也能读，请把权限改为 0600。
key-form = 钥匙文件已损坏：应是 64 位十六进制数字。
no-hall = { $path } 里没有大厅，请先用 `town-hall init` 建立。
hall-exists = { $path } 里已有大厅，什么都没有改动。
newer-schema = 台账由更新的程序写成（版本 { $found }，本程序只认到 { $known }），什么都没有改动。
not-a-ledger = 这个文件不是本程序的台账。
held = 这个目录已有一个服务在运行。
full = 磁盘已满。没有丢失任何东西，请腾出空间后再试。
damaged = 台账有损坏（{ $what }）。请停止使用，保持目录原样，在别处恢复备份。
random = 系统给不出随机数。
sql = 数据库没能完成。
io = 文件读写失败。
authority = 大厅的证书没能准备好。
desk-outside = 窗口页面自身不加密，只能在本机监听，例如 127.0.0.1:7080。
listen = 无法在 { $address } 监听，是否被别的程序占用？
start = 服务没能启动。
catalogue-faulty = 事项目录有错：{ $fault }
point-code = 服务点代码为 2 到 6 位，只用 2-9 和 A-Z（不用 I、O）。
point-name = 服务点要有名称，最多 64 个字。
point-taken = 已有这个代码的服务点。
point-unknown = 没有这个代码的服务点。
user-account = 账号为 2 到 32 位，只用 a-z、0-9、点和短横。
user-name = 要有姓名，最多 64 个字。
user-taken = 已有这个账号。
user-unknown = 没有这个账号。
user-point = 代办员要用 --point 指明已有的服务点；其他角色不属于服务点。
user-password = 口令至少 8 位，且不能与账号相同；口令从标准输入读取。
user-role = { $role } 不是角色：agent、clerk、reviewer、administrator、auditor。
terminal-unknown = 没有终端 { $terminal }。
catalogue-diff = { $old } → { $new }：{ $count } 个事项有变动。
two-folders = 请写明两个文件夹：旧版、新版。
version-twice = 版本 { $version } 在两个文件夹里都有。
guides-written = 已写出 { $count } 份办事指南：{ $path }
folder-new = { $path } 要是一个还没有的文件夹。
catalogue-good = 事项目录没有问题：{ $count } 个事项。
catalogue-faults = 事项目录有 { $count } 处问题，不能发布。
folder = { $path } 不是可读的事项目录文件夹。
file = { $path } 无法读取。
matter-missing = 请写明一个事项，例如 M09。
matter-unknown = 目录里没有事项 { $matter }。
answers = { $path } 不是填报内容文件。
field-unknown = 这个事项没有 { $field } 这一项。
time = { $text } 不是时间，应像 2026-02-13T10:00。
limit = { $text } 不是期限，应像 20wd 或 60d。
stop-without-resume = 每个 --stop 都要有对应的 --resume。
stop-before-start = 时限不能在开始之前就停。
resume-before-stop = 恢复要在停止之后。
stops-overlap = 两次停止的时间重叠。
period-too-long = 期限超出了所有日历。
backup-made = 备份完整，已落盘。没有 ledger.key 打不开它，钥匙不在备份里。
restored = 备份已放回，{ $count } 件办件连同全部页面已逐一读出核对。备份之后的办件，终端会重新送来。
