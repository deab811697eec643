# The upload queue.
back = 回工作台
send-now = 立即发送
lead = 已封存的都在本机，断电断网都不会丢。收到镇街签章的回执，才算“镇街已收”。
empty-title = 都送到了
empty-words = 封存的件镇街都已收到，没有在等的。
why = 为什么还没送到
total = { $filings } 件镇街还没收到 · 共 { $pages } 页 { $size }
sealed = { $number } · { $when }封存 · { $pages } 页
waiting = 待上传
sending = 上传中
received = 镇街已收
next-try = { $time } 自动再试
earlier = 上一页
later = 下一页
page = 第 { $page } 页，共 { $pages } 页
