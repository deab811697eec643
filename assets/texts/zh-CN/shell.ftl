# The frame around every screen of the terminal.
side-open = 资料
side-close = 收起
saving = 正在保存……
saved-here = 已保存在本机 { $time }
serving = 正在为这位居民办理
age = { $years } 岁
typed-by-hand = 手工录入，没有读卡
card-on-reader = 身份证在读卡器上 · { $time } 读取
card-taken = 芯片读取 { $time }，卡已拿走
date = { $month }月{ $day }日 { $weekday ->
    [1] 周一
    [2] 周二
    [3] 周三
    [4] 周四
    [5] 周五
    [6] 周六
   *[7] 周日
}
today-at = 今天 { $time }
yesterday-at = 昨天 { $time }
sex-male = 男
sex-female = 女
