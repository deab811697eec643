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

lock = 锁屏
agent = 代办员 { $name }
lamp-card = 读卡器
lamp-camera = 高拍仪
lamp-printer = 打印机
lamp-line = 网络
lamp-off = { $device }未接
lamp-trouble = { $device }{ $trouble }
lamp-line-down = { $kind ->
    [asking] 网络正在连
    [refused] 镇街不认本机
    [foreign] 网络被拦
   *[down] 网络断开
}
clock-title = 时钟不对
clock-words = 这台机器和镇街差了约 { $amount } { $unit ->
    [minutes] 分钟
    [hours] 小时
   *[days] 天
}。照常办件，期限按镇街的时间算；请管理员校准时间。
offline-title = { $kind ->
    [asking] 正在连镇街。
    [refused] 镇街暂时不认这台机器。
    [foreign] 连到的不是镇街。
   *[down] 网络断开。
}
offline-words = 照常收件：已办的都保存在本机，恢复后自动上传，不用重办。
offline-waiting = { $count } 件镇街还没收到。
show-queue = 查看排队
demo-title = 演示配置：
demo-both = 读卡器是虚拟卡，高拍仪播放样张。
demo-card = 读卡器是虚拟卡。
demo-camera = 高拍仪播放样张。
demo-insert = 放上样卡 { $persona }
demo-remove = 拿走样卡
demo-failed = 样卡没有动
understood = 知道了
busy-title = 稍等再按一次
busy-words = 前面的还在保存，已填的都在。
card-failed = 卡没有读出来
result-saved = 结果文件已存到本机
result-failed = 结果文件还没有取到
enqueued-title = 已保存在本机
enqueued-words = 正在排队送镇街，送到后这里会变成“镇街已收”。
correction-over-title = 这次补正已经结束
correction-over-words = 镇街那边已有新的进展，请看这件事现在走到哪一步。

notice-title = 办事前，请先念给居民听
notice-lead = 刷卡和拍照之前要告知。居民说“同意”再按下面的键；不同意就不读卡、不拍照。
notice-who = 谁在办
notice-who-words = 本村便民服务点代收，{ $hall }受理。
notice-why = 为什么要
notice-why-words = 只用来办今天这一件事，不作别的用途。
notice-what = 要哪些
notice-what-words = 身份证上的文字信息、这张表上要填的内容、要交的材料照片。不采集人脸，不留身份证复印件（事项写明要交的除外）。
notice-long = 存多久
notice-long-words = 加密存在本机，办结并且镇街收妥后按规定期限清除；镇街按档案规定保存。
notice-rights = 您可以
notice-rights-words = 查看、更正、要求删除，或者不办了。问询电话 { $phone }，监督电话 { $supervision }。
notice-free = 收费吗
notice-free-words = 不收费。不要把密码、验证码告诉任何人。
notice-version = 告知书版本 { $version }，确认后记入这件事的档案
notice-agree = 已告知，居民同意
notice-refuse = 居民不同意，不办了

other-card-title = 读卡器上是另一个人的卡
other-card-words = 现在这件事是给原来那位办的，已保存为草稿。换人办，请先确认不是放错了卡。
other-card-keep = 放错了，接着办原来的
other-card-use = 换人：给这张卡的人办

quit-title = 要退出程序吗？
quit-words = 填了一半的已保存在本机，下次打开还在。退出后，排队的要等再打开才会上传。
quit-stay = 不退出
quit-leave = 退出程序
