// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces lib/kobject_uevent.c: there is no netlink and no user space that listens, so an event only leaves its marks
 * in the kobject. Left out: the netlink sockets, uevent_helper, uuids of synthetic events.
 */
#include <linux/export.h>
#include <linux/kobject.h>
#include <linux/string.h>

u64 uevent_seqnum;

int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *envp_ext[])
{
	struct kobject *top = kobj;

	/* As upstream: whether the kobject was announced decides if its removal is. */
	if (action == KOBJ_REMOVE)
		kobj->state_remove_uevent_sent = 1;
	while (!top->kset && top->parent)
		top = top->parent;
	if (!top->kset)
		return -EINVAL;
	if (action == KOBJ_ADD && !kobj->uevent_suppress)
		kobj->state_add_uevent_sent = 1;
	return 0;
}
EXPORT_SYMBOL_GPL(kobject_uevent_env);

int kobject_uevent(struct kobject *kobj, enum kobject_action action)
{
	return kobject_uevent_env(kobj, action, NULL);
}
EXPORT_SYMBOL_GPL(kobject_uevent);

/* A write to a "uevent" file: checks the action's name, as there is nobody to tell. */
int kobject_synth_uevent(struct kobject *kobj, const char *buf, size_t count)
{
	static const char *const actions[] = { "add", "remove", "change", "move", "online", "offline", "bind", "unbind" };
	size_t length = count && (buf[count - 1] == '\n' || buf[count - 1] == '\0') ? count - 1 : count;
	int i;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (strlen(actions[i]) <= length && !strncmp(buf, actions[i], strlen(actions[i])) &&
		    (length == strlen(actions[i]) || buf[strlen(actions[i])] == ' '))
			return 0;
	return -EINVAL;
}

int add_uevent_var(struct kobj_uevent_env *env, const char *format, ...)
{
	va_list args;
	int len;

	if (env->envp_idx >= ARRAY_SIZE(env->envp)) {
		WARN(1, KERN_ERR "add_uevent_var: too many keys\n");
		return -ENOMEM;
	}
	va_start(args, format);
	len = vsnprintf(&env->buf[env->buflen], sizeof(env->buf) - env->buflen, format, args);
	va_end(args);
	if (len >= sizeof(env->buf) - env->buflen) {
		WARN(1, KERN_ERR "add_uevent_var: buffer size too small\n");
		return -ENOMEM;
	}
	env->envp[env->envp_idx++] = &env->buf[env->buflen];
	env->buflen += len + 1;
	return 0;
}
EXPORT_SYMBOL_GPL(add_uevent_var);
