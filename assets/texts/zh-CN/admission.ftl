# The first start of a machine.
title = 这台机器还没有准入
lead = 请镇街管理员为本服务点发一个准入码，在这里输入一次。本机自己生成钥匙，钥匙不离开这台机器。
hall = 镇街地址
hall-hint = 以 https:// 开头，由镇街管理员提供
code = 准入码
code-hint = 24 个字符，四个一组；大小写都行，只能用一次
admit = 准入本机
asking = 正在联系镇街……
failed = 没有准入，改好可以再试
