# The command line.
help =
    village-terminal [--config 文件]                打开窗口
    village-terminal admit  --config 文件 --hall 地址 --code 准入码
    village-terminal card   [--config 文件] [--seconds 秒]    读一张卡
    village-terminal camera                         列出高拍仪
    village-terminal page   照片.jpg --out 页.jpg    把照片变成一页
    village-terminal file   --config 文件 --draft 草稿.json --account 账号 [--page 材料=照片.jpg]…   从标准输入读密码
    village-terminal queue  --config 文件 [--json]   看排队
    village-terminal sync   --config 文件            现在上传并取回消息
    village-terminal doctor --config 文件            检查档案柜，损坏时救出完好的
    { "" }
unknown = 不认识“{ $word }”。用 --help 看怎么写。
missing = 缺 { $what }
no-value = { $what } 后面要有值
no-config = 还没有配置文件。先用 admit 准入，或直接打开窗口。
not-admitted = 本机还没有准入
admitted = 已准入，配置在 { $file }
file-trouble = { $file }：{ $error }
no-draft = 不是草稿文件：{ $error }
refused = 账号或密码不对，没有办
still-waiting = 还有 { $count } 件镇街没收到
card-waiting = 请在 { $seconds } 秒内把卡放到读卡器上
card-reader = 读卡器：{ $name }
card-read = { $kind } { $name } { $number }
camera-end = 以上是能用的高拍仪
page-made = { $w }×{ $h } 像素，{ $bytes } 字节，{ $ms } 毫秒，{ $found ->
    [yes] 找到了纸边
   *[no] 没找到纸边，用了整张
}
filed = 已封存 { $number }
delivered = 送达 { $count } 件
no-window = 窗口打不开：{ $error }
doctor-whole = 档案柜完好
doctor-saved = 救出 { $filings } 件、{ $drafts } 份草稿、{ $pages } 页；损坏的文件原样放在 { $folder }
doctor-lost = { $number } 没有救出（{ $part }）{ $held ->
    [yes] ，镇街已收，居民不受影响
   *[no] ，请联系居民
}
