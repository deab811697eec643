# The command line.
help =
    village-terminal [--config 文件]                打开窗口
    village-terminal admit  --config 文件 --hall 地址 --code 准入码
    village-terminal card   [--reader 名称|serial:路径|usb] [--json] [--timeout 秒]    列出读卡器，读一张卡
    village-terminal camera [--json]                列出高拍仪
    village-terminal camera --watch 秒 [--out 照片.jpg] [--device 号] [--patience 秒] [--json]   试用：看预览、拍一张、拔掉再插上
    village-terminal page   照片.jpg… [--json] [--out 目录]   在照片里找到纸、拉正、评判
    village-terminal file 事项 --answers 文件.json [--page [材料=]页.jpg…] [--account 账号] [--request 编号] [--json]
        封存一件。答案文件和 town-hall catalogue try 用的一样，另写 applicant（申请人）。页按原样封存，只收 JPEG。
        写“材料=文件”指明材料；只写文件的，先补第一份还缺页的必交材料，都不缺时归第一份必交材料。
        谁办的：--account 指明代办员，不写时是本点唯一的代办员，密码从标准输入读一行；
        配置里写了 [shell] account 的，不读密码。--request 重做同一次，不会变成两件。
    village-terminal queue [--json]                  镇街还没收到的、原因，和镇街已有的
    village-terminal sync [--once | --until-empty [--seconds 秒]] [--json]
        走一遍，或走到没有等待的为止，最多 600 秒。
    退出码：0 办好；1 办不了；2 命令写错；3 还有没送到的；4 档案柜被另一个程序占用，什么都没改；5 有的放到一边，要人处理
    village-terminal receipt 办件号 --to 文件.html     把镇街签名的回执写成一页，供打印
    village-terminal receipt check 照片或文字… [--json]   核对纸上的回执，不用联网
    village-terminal bundle export --to 文件         把等待的写成一个包，放到U盘带去大厅
    village-terminal bundle import --from 回执文件    读回大厅的回执
    village-terminal backup --to 文件                备份档案柜（仍然加密）
    village-terminal restore --from 备份 --key 钥匙文件   在另一台机器上打开备份
    village-terminal doctor --config 文件            检查档案柜，损坏时救出完好的
    { "" }
unknown = 不认识“{ $word }”。用 --help 看怎么写。
missing = 缺 { $what }
no-value = { $what } 后面要有值
no-config = 还没有配置文件。先用 admit 准入，或直接打开窗口。
not-admitted = 本机还没有准入
admitted = 已准入，配置在 { $file }
file-trouble = { $file }：{ $error }
no-answers = { $file } 第 { $line } 行第 { $column } 列：不是答案文件
no-matter = 没有事项 { $id }
no-id = “{ $text }”不是编号（要 UUID）
no-number = “{ $text }”不能写在这里，要整数
form-faulty = 没有封存：表里有 { $count } 处不对
page-nowhere = 没有材料收 { $file }：写“材料=文件”指明
password-of = { $account } 的密码：{ " " }
act-untried = 已封存在本机，镇街还没收到：还没有发送过
act-behind = 已封存在本机，镇街还没收到：排在同一件的前一步后面
act-again = 镇街恢复了旧备份，正在重新送一次
act-kind-file = 申请
act-kind-supplement = 补正
act-kind-withdraw = 撤回
no-bundle-address = 大厅还没有告诉本机包封给谁：先联网用 sync 走一遍
bundle-written = { $count } 步已写进 { $file }，只有大厅能打开；回执带回来以前，它们仍在等待
backup-made = 备份已写在 { $file }
restored = 终端 { $terminal } 的档案柜已恢复，{ $count } 步等待上传
laid-aside = { $count } 件放到一边，等人处理
refused = 账号或密码不对，没有办
still-waiting = 还有 { $count } 件镇街没收到
card-waiting = 请在 { $seconds } 秒内把卡放到读卡器上
card-reader = 读卡器：{ $name }
card-line = { $label }：{ $value }
card-raw = 原文（不认识这种证件）：{ $text }
card-failed = { $words }（{ $code }）
card-photo-decoded = 照片：能解码，{ $w }×{ $h }
card-label-kind = 证件
card-label-name = 姓名
card-label-name_latin = 外文姓名
card-label-sex = 性别
card-label-nation = 民族
card-label-nationality = 国籍
card-label-birth = 出生
card-label-address = 住址
card-label-new_address = 追加住址
card-label-number = 号码
card-label-old_number = 原号码
card-label-issuer = 签发机关
card-label-valid_from = 有效期起
card-label-valid_until = 有效期止
card-label-social_security_number = 社会保障号码
card-label-card_number = 卡号
card-label-generation = 第几代
card-label-warnings = 提示
# For the installer: what to do. Codes without a line here are said as in the window.
card-fix-pcsc-no-service = 读卡服务没有开。请运行：systemctl enable --now pcscd.socket，再试一次。
card-fix-pcsc-service-stopped = 读卡服务停了。请运行：systemctl restart pcscd.socket，再试一次。
card-fix-pcsc-denied = 系统不让当前用户用读卡服务。请装上 polkit 规则（60-village-terminal.rules），再重新登录。
card-fix-reader-denied = 没有权限打开读卡器。请装上 udev 规则（60-village-terminal.rules），把用户加进 dialout 组，再重新登录。
card-fix-reader-absent = 没有找到这个读卡器。请插上它；不带 --reader 运行本命令可以看到有哪些。
card-fix-reader-silent = 读卡器没有反应。请核对路径和线，拔下再插上，再试一次。
card-fix-reader-in-use = 读卡器正被别的程序占用。请关掉那个程序（本终端的窗口、网银插件、厂商软件），再试一次。
card-fix-reader-profiles = 读卡器资料文件有错。请对照 assets/devices/readers.toml 改好，再试一次。
card-fix-card-not-shown = 没有等到卡。请把卡平放在读卡器上，再运行一次；要多等，用 --timeout。
card-fix-card-type-unknown = 不认识这种证件，什么也没有填。请看证件本身。
camera-line = { $index }：{ $name }
camera-mode =
    { $encoding } { $w }×{ $h }，每秒 { $rate } 张{ $used ->
        [still] （拍照用）
        [preview] （预览用）
       *[other] { "" }
    }
camera-arrived = 高拍仪已打开：{ $name }
camera-preview = 预览 { $w }×{ $h }
camera-still = 已拍 { $w }×{ $h }，存为 { $file }
camera-watched = 看完了，共 { $frames } 张预览
camera-end = 以上是能用的高拍仪
page-good = { $file }：✓ 可以用
page-issues = { $file }：{ $issues }
filed = 已封存 { $number }，查询码 { $code }
delivered = 送达 { $count } 件
no-window = 窗口打不开：{ $error }
doctor-whole = 档案柜完好
doctor-saved = 救出 { $filings } 件、{ $drafts } 份草稿、{ $pages } 页；损坏的文件原样放在 { $folder }
doctor-lost = { $number } 没有救出（{ $part }）{ $held ->
    [yes] ，镇街已收，居民不受影响
   *[no] ，请联系居民
}
act-metered = 已封存在本机，镇街还没收到：网络按流量收费，大件等人按“立即发送”
act-paused = 已封存在本机，镇街还没收到：上传被暂停了
act-kind-evaluate = 评价
act-kind-complain = 投诉
doctor-catalogue-built-in = 事项目录 { $version } 版（程序自带）
doctor-catalogue-folder = 事项目录 { $version } 版（配置里的 catalogue_dir；镇街发来的目录不采用）
doctor-catalogue-sent = 事项目录 { $version } 版（镇街发来）
doctor-package-wanted = 镇街的 { $name } 还没取到
doctor-package-trouble = 镇街的 { $name } 还没取到：{ $why }
doctor-package-refused = 镇街的 { $name } 没有采用：{ $place } { $code }
receipt-written = 回执已写在 { $file }，用浏览器打开即可打印
receipt-good = ✓ 是镇街签发的回执：办件号 { $number }，{ $received }收到，材料 { $pages } 页
receipt-number = 档案柜里没有这个办件号
receipt-not-received = 镇街还没收到这件，没有回执可打印
receipt-none = 里面没有回执的码
receipt-mixed = 这些码不是同一张回执的
receipt-missing = 回执的码不全，请把纸上的码都扫到
receipt-changed = ✗ 不是镇街签发的原样，有改动
receipt-foreign = ✗ 不是本镇街签发的
print-received = 镇街收到
print-pages = 材料页数
print-phones = 咨询、监督
print-how = 上面 { $count } 个码合起来就是镇街签名的回执原文。扫出文字，用下面的公钥就能核对，不用联网：village-terminal receipt check，或 town-hall check-receipt --key 公钥。
